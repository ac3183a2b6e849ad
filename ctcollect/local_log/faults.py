"""The faults of a local log, settable from the outside while it runs.

Rules wrap each other in their order, the first outermost, so that a slow log may also lie.
"""

from dataclasses import fields
from functools import partial
from threading import Event
from typing import Any

from ctcollect.errors import ConfigurationError
from ctcollect.local_log.fault_kinds import KINDS
from ctcollect.local_log.messages import Answer, Request, Respond
from ctcollect.local_log.rules import Chance, Rule


class Faults:
    """The faults of a server at one time; chance draws from ``seed``, one stream a rule.

    ConfigurationError, in one line, for a kind that does not exist.
    """

    def __init__(self, *rules: Rule, seed: int = 0) -> None:
        for rule in rules:
            if rule.kind not in KINDS:
                raise ConfigurationError(f"no fault is called {rule.kind!r}: take one of {', '.join(KINDS)}")
        self.rules = rules
        self._stopped = Event()
        self._chances = [Chance(rule, f"{seed}/{n}", self._stopped) for n, rule in enumerate(rules)]

    @classmethod
    def from_document(cls, document: Any) -> "Faults":
        """From decoded JSON: ``{"seed": 1, "rules": [{"kind": "throttle", "next": 3}, ...]}``.

        ConfigurationError, in one line, for anything else.
        """
        try:
            rules = [Rule(**rule) for rule in document.get("rules", [])]
            return cls(*rules, seed=int(document.get("seed", 0)))
        except (AttributeError, TypeError, ValueError):
            known = ", ".join(each.name for each in fields(Rule))
            raise ConfigurationError(f'faults are {{"seed": N, "rules": [...]}}, a rule has {known}') from None

    def respond(self, honest: Respond, request: Request) -> Answer:
        """The answer of ``honest`` with every fault that strikes this request."""
        for chance in reversed(self._chances):
            if _concerns(chance.rule, request):
                honest = partial(_respond, chance, honest)
        return honest(request)

    def stop(self) -> None:
        """End all pauses at once: the server goes down."""
        self._stopped.set()


def _concerns(rule: Rule, request: Request) -> bool:
    endpoints = {rule.endpoint, KINDS[rule.kind].endpoint} - {""}
    return endpoints <= {request.endpoint} and rule.log in ("", request.log.name)


def _respond(chance: Chance, honest: Respond, request: Request) -> Answer:
    kind = KINDS[chance.rule.kind]
    if kind.decides_itself or chance.strikes():
        return kind.act(chance, honest, request)
    return honest(request)
