"""A rule that says which requests go wrong, and the chance that it strikes."""

import time
from dataclasses import dataclass, fields
from random import Random
from threading import Event, Lock
from typing import Any

from ctcollect.errors import ConfigurationError

# What a JSON document may give for a field: 1 is as good as 1.0.
TYPES: dict[Any, tuple[type, ...]] = {
    str: (str,),
    bool: (bool,),
    int: (int,),
    float: (int, float),
    float | None: (int, float, type(None)),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault. It strikes the ``next`` requests it concerns for certain, later ones with ``probability``.

    ``log`` and ``endpoint`` narrow it down ("" for all that the kind can strike); the fields below belong to
    the kinds named beside them. ConfigurationError, in one line, for what makes no sense.
    """

    kind: str
    probability: float = 0.0
    next: int = 0
    log: str = ""
    endpoint: str = ""

    retry_after: float | None = None  # throttle, unavailable: seconds; None for no header
    retry_as_date: bool = False  # the same as an HTTP date, in whole seconds
    seconds: float = 1.0  # slow: how long nothing comes
    entries: int = 0  # short: at most so many, 0 for a drawn number; too_many: so many more; lag: so many fewer
    index: int = 0  # alter: which entry
    field: str = "leaf_input"  # alter: leaf_input or extra_data
    byte: int = 9  # alter: which byte has one bit flipped; 9 is the last one of a leaf's timestamp
    per_second: float = 1.0  # rate_limit: requests per second and client

    def __post_init__(self) -> None:
        for each in fields(self):
            if not isinstance(getattr(self, each.name), TYPES[each.type]):
                raise ConfigurationError(f"fault {self.kind}: {each.name} is not of type {each.type}")
        if self.field not in ("leaf_input", "extra_data"):
            raise ConfigurationError(f"fault {self.kind}: field is leaf_input or extra_data, not {self.field!r}")
        if min(self.next, self.entries, self.index, self.seconds) < 0 or self.per_second <= 0:
            raise ConfigurationError(f"fault {self.kind}: a number is below its least value")


class Chance:
    """One rule at work: what it has left, what it draws, whom it lets pass. Shared by all threads."""

    def __init__(self, rule: Rule, seed: str, stopped: Event) -> None:
        self.rule = rule
        self._stopped = stopped
        self._lock = Lock()
        self._draw = Random(seed)
        self._left = rule.next
        # client -> (requests it may make at once, when that was counted)
        self._allowance: dict[str, tuple[float, float]] = {}

    def strikes(self) -> bool:
        """Whether the rule strikes now; one of its next requests is then used up."""
        with self._lock:
            if self._left:
                self._left -= 1
                return True
            return self._draw.random() < self.rule.probability

    def below(self, limit: int) -> int:
        """A drawn number from 0 to ``limit`` - 1."""
        with self._lock:
            return self._draw.randrange(limit)

    def pause(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def seconds_to_wait(self, client: str) -> float:
        """0 when the client may ask now, and then that is counted; one second's worth may come at once."""
        rate, now = self.rule.per_second, time.monotonic()
        with self._lock:
            allowance, counted_at = self._allowance.get(client, (max(rate, 1.0), now))
            allowance = min(allowance + (now - counted_at) * rate, max(rate, 1.0))
            waits = max(1.0 - allowance, 0.0) / rate
            self._allowance[client] = (allowance if waits else allowance - 1.0, now)
            return waits
