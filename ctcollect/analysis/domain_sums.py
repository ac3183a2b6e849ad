"""The sums of one registered domain, before they become one cluster among others. Bounded, however many lineages."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from ctcollect.analysis.cells import VALUE_PLACES
from ctcollect.analysis.covered_days import ALL_TIMES, season_of
from ctcollect.analysis.dispersion import median
from ctcollect.analysis.distributions import Distribution
from ctcollect.analysis.issuance import DAY_S
from ctcollect.analysis.japan_days import day_number, day_of
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.measures import Part

SHARES = frozenset({"elapsed"})  # distributions of shares; the others are of days, degrees or index points
SHARE_PLACES = 3
Sums = tuple[int, float, float]


class Key(NamedTuple):
    """What a figure is of: a measure or distribution, a group (``groups``), a season or ""."""

    name: str
    group: str
    season: str


@dataclass(slots=True)
class Sum:
    """Of one measure; ``lineage_values`` counts the rounded values of the lineages."""

    n: int = 0
    numerator: float = 0.0
    denominator: float = 0.0
    lineage_values: Counter[float] = field(default_factory=Counter)


@dataclass(slots=True)
class Spread:
    """Of one distribution; ``lineage_medians`` counts the rounded medians of the lineages."""

    n: int = 0
    weights: dict[float, float] = field(default_factory=lambda: defaultdict(float))
    lineage_medians: Counter[float] = field(default_factory=Counter)


@dataclass(slots=True)
class DomainSums:
    """By key; filled by one registered domain's lineages."""

    sums: dict[Key, Sum] = field(default_factory=lambda: defaultdict(Sum))
    spreads: dict[Key, Spread] = field(default_factory=lambda: defaultdict(Spread))

    def add(self, result: LineageResult, parts: Iterable[Part], groups: Iterable[str]) -> None:
        """Take a lineage, weighted."""
        for (measure, season), (n, numerator, denominator) in _joined(parts).items():
            value = round(numerator / denominator, VALUE_PLACES)
            for group in groups:
                found = self.sums[Key(measure, group, season)]
                found.n += n
                found.numerator += numerator * result.weight
                found.denominator += denominator * result.weight
                found.lineage_values[value] += 1
        for (name, season), values in _values(result).items():
            self._add_values(name, season, values, result.weight, groups)

    def _add_values(self, name: str, season: str, values: list[float], weight: float, groups: Iterable[str]) -> None:
        middle = median(values)
        for group in groups:
            spread = self.spreads[Key(name, group, season)]
            spread.n += len(values)
            spread.lineage_medians[middle] += 1
            for value in values:
                spread.weights[value] += weight


def _joined(parts: Iterable[Part]) -> dict[tuple[str, str], Sums]:
    """n, numerator and denominator by (measure, season), of those that have observations."""
    joined: dict[tuple[str, str], Sums] = {}
    for part in parts:
        if part.denominator:
            n, numerator, denominator = joined.get((part.measure, part.season), (0, 0.0, 0.0))
            sums = n + part.n, numerator + part.numerator, denominator + part.denominator
            joined[part.measure, part.season] = sums
    return joined


def median_of_counts(counts: Counter[float]) -> float:
    """The median of values that are counted, as ``statistics.median`` has it."""
    half = counts.total() / 2
    below, ordered = 0, sorted(counts.items())
    for place, (value, count) in enumerate(ordered):
        below += count
        if below > half:
            return value
        if below == half:
            return (value + ordered[place + 1][0]) / 2
    raise ValueError("nothing was counted")


def _values(result: LineageResult) -> dict[tuple[str, str], list[float]]:
    """Rounded values by (distribution, season)."""
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    for name, season, value in _raw_values(result):
        if value is not None:
            values[name, season].append(round(value, SHARE_PLACES if name in SHARES else Distribution.PLACES))
    return values


def _raw_values(result: LineageResult) -> Iterator[tuple[str, str, float | None]]:
    automation = result.automation
    yield "lead_dispersion_days", ALL_TIMES, automation.lead_dispersion_days
    yield "automation_index", ALL_TIMES, automation.index
    yield "behaviour_index", ALL_TIMES, automation.behaviour_index
    yield "parallel_degree", ALL_TIMES, result.parallel_degree
    for renewal in result.renewals:
        if renewal.status == "renewal":
            yield "interval_days", ALL_TIMES, renewal.interval_days
            yield "elapsed", ALL_TIMES, renewal.elapsed
            yield "lead_days", ALL_TIMES, renewal.lead_days
        elif renewal.status == "censored":
            yield "censored_interval_days", ALL_TIMES, renewal.interval_days
    for gap in result.gaps:
        yield f"gap_{gap.kind}_days", ALL_TIMES, gap.days
    for earlier, later in pairwise(result.certificates):
        yield "naive_interval_days", ALL_TIMES, (later.start_s - earlier.start_s) / DAY_S
    for event in result.events:
        season = season_of(day_of(day_number(event.issued_s)))
        for label in {ALL_TIMES, season}:
            yield "validity_days", label, event.validity_days
