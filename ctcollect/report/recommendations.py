"""Advice by organisation type, by the rules of recommendations.toml, each with the figure that it rests on."""

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ctcollect.analysis.confidence import Interval
from ctcollect.report.estimates import interval_of
from ctcollect.report.exhibit import ORGANISATION_GROUPS, Source, shows_intervals
from ctcollect.report.labels import group_label
from ctcollect.report.numbers import KINDS, between, count


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; of ``at_least`` and ``at_most`` exactly one is given.

    ``needs_intervals``: it rests on certificates linked over years and is silent where only seasons were collected.
    """

    id: str
    measure: str
    shown: str
    exhibit: str
    text: str
    source: str
    needs_intervals: bool = True
    at_least: float | None = None
    at_most: float | None = None

    def holds(self, interval: Interval) -> bool:
        """Whether the whole interval is on this side of the threshold."""
        low, high = interval
        return (self.at_least is None or low >= self.at_least) and (self.at_most is None or high <= self.at_most)


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a rule is held against."""

    value: float
    interval: Interval | None
    n: int
    domains: int
    hidden: bool


@dataclass(frozen=True, slots=True)
class Recommendation:
    """``text`` with its figures; ``evidence`` is the interval and n; ``exhibit`` the id of the figure."""

    rule: str
    text: str
    evidence: str
    exhibit: str


@dataclass(frozen=True, slots=True)
class Advice:
    """All that follows for one organisation type; ``reason`` says why nothing does."""

    group: str
    label: str
    domains: int
    recommendations: Sequence[Recommendation]
    reason: str = ""


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order in which they are shown."""
    return tuple(Rule(**each) for each in tomllib.loads(_octets().decode())["recommendation"])


def rules_sha256() -> str:
    """Hex, of the file's octets."""
    return hashlib.sha256(_octets()).hexdigest()


def _octets() -> bytes:
    return files(__package__).joinpath("recommendations.toml").read_bytes()


def advice(source: Source) -> list[Advice]:
    """For all together and for each organisation type that has a name set."""
    return [_advice(source, group) for group in ORGANISATION_GROUPS if source.aggregates.domains(group)]


def _advice(source: Source, group: str) -> Advice:
    domains, label = source.aggregates.domains(group), group_label(group, source.say)
    if source.is_hidden(group):
        least = source.rules.statistics.min_domains
        reason = source.say("Fewer than {least} registered domains: nothing is said of them.", least=least)
        return Advice(group, label, domains, (), reason)
    found = [each for rule in rules() for each in _recommended(source, rule, group)]
    reason = "" if found else source.say("No rule speaks: the figures are on neither side, or there are too few.")
    return Advice(group, label, domains, found, reason)


def _recommended(source: Source, rule: Rule, group: str) -> list[Recommendation]:
    """One, or none."""
    if rule.needs_intervals and not shows_intervals(source):
        return []
    known = _quantity(source, rule.measure, group)
    if known is None or known.hidden or known.interval is None or not rule.holds(known.interval):
        return []
    evidence = source.say(
        "95%: {interval}, n {n}, {domains} domains",
        interval=between(known.interval, rule.shown),
        n=count(known.n),
        domains=count(known.domains),
    )
    text = source.say(rule.text, value=KINDS[rule.shown](known.value))
    return [Recommendation(rule.id, text, evidence, rule.exhibit)]


def _quantity(source: Source, measure: str, group: str) -> Quantity | None:
    if measure == "automated_share":
        return _automated_share(source, group)
    if measure == "holiday_risk":
        return _holiday_risk(source, group)
    found = source.aggregates.estimate(measure, group)
    if found is None:
        return None
    return Quantity(found.value, interval_of(found), found.n, found.domains, found.hidden)


def _automated_share(source: Source, group: str) -> Quantity | None:
    """Where there are events enough, with the middle one of the human shares."""
    shares = source.aggregates.automated_shares(group)
    if not shares or not shares[0].is_enough:
        return None
    found = shares[len(shares) // 2]
    return Quantity(found.value, found.interval, found.n, found.domains, found.hidden)


def _holiday_risk(source: Source, group: str) -> Quantity | None:
    found = source.aggregates.holiday_risk(group)
    if found is None or found.ratio is None:
        return None
    domains = source.aggregates.domains(group)
    return Quantity(found.ratio, found.interval, found.n, domains, domains < source.rules.statistics.min_domains)
