"""The sums of one registered domain, before they become one cluster among others. Bounded, however many lineages."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from ctcollect.analysis.covered_days import ALL_TIMES, season_of
from ctcollect.analysis.dispersion import median
from ctcollect.analysis.distributions import Distribution
from ctcollect.analysis.grouped import Groups
from ctcollect.analysis.groups import has, is_provider, without
from ctcollect.analysis.issuance import DAY_S
from ctcollect.analysis.japan_days import day_number
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.measures import Vector

SHARES = frozenset({"elapsed"})  # distributions of shares; the others are of days, degrees or index points
SHARE_PLACES = 3
Name = tuple[str, str]  # a family or distribution, and a season or ""


@dataclass(slots=True)
class Spread:
    """Of one distribution; ``lineage_medians`` counts the rounded medians of the lineages."""

    n: int = 0
    weights: dict[float, float] = field(default_factory=lambda: defaultdict(float))
    lineage_medians: Counter[float] = field(default_factory=Counter)

    def merge(self, other: "Spread") -> None:
        self.n += other.n
        for value, weight in other.weights.items():
            self.weights[value] += weight
        self.lineage_medians.update(other.lineage_medians)


@dataclass(slots=True)
class Part:
    """The lineages of a domain that are in the same groups: of each family how many have which (vector, weight)."""

    vectors: dict[Name, Counter[tuple[Vector, float]]] = field(default_factory=lambda: defaultdict(Counter))
    spreads: dict[Name, Spread] = field(default_factory=lambda: defaultdict(Spread))

    def add(self, result: LineageResult, vectors: Iterable[tuple[Name, Vector]]) -> None:
        """Take a lineage."""
        for name, vector in vectors:
            self.vectors[name][vector, result.weight] += 1
        for name, values in _values(result).items():
            spread = self.spreads[name]
            spread.n += len(values)
            spread.lineage_medians[median(values)] += 1
            for value in values:
                spread.weights[value] += result.weight

    def merge(self, other: "Part") -> None:
        """Take the lineages of another part."""
        for name, counts in other.vectors.items():
            self.vectors[name].update(counts)
        for name, spread in other.spreads.items():
            self.spreads[name].merge(spread)


def by_group(parts: Mapping[Groups, Part]) -> Iterator[tuple[Groups, Part]]:
    """Groups with all their lineages; those that have the same come together, as all do where one set name is all.

    With all the domain's lineages stands too which providers some of them have (``has``), and beside them are those
    that are left without each of these (``without``).
    """
    if len(parts) == 1:
        yield from parts.items()
        return
    members: dict[str, list[Groups]] = defaultdict(list)
    for groups in parts:
        for group in groups:
            members[group].append(groups)
    for provider in [group for group in members if is_provider(group)]:
        members[has(provider)] = list(parts)
        if rest := [groups for groups in parts if provider not in groups]:
            members[without(provider)] = rest
    alike: dict[tuple[Groups, ...], list[str]] = defaultdict(list)
    for group, keys in members.items():
        alike[tuple(keys)].append(group)
    for shared, names in alike.items():
        yield tuple(names), parts[shared[0]] if len(shared) == 1 else _merged(parts[key] for key in shared)


def _merged(parts: Iterable[Part]) -> Part:
    whole = Part()
    for part in parts:
        whole.merge(part)
    return whole


def _values(result: LineageResult) -> dict[Name, list[float]]:
    """Rounded values by distribution and season."""
    values: dict[Name, list[float]] = defaultdict(list)
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
    for renewal in result.measured:
        yield "interval_days", ALL_TIMES, renewal.interval_days
        yield "elapsed", ALL_TIMES, renewal.elapsed
        yield "lead_days", ALL_TIMES, renewal.lead_days
    for renewal in result.renewals:
        if renewal.status == "censored":
            yield "censored_interval_days", ALL_TIMES, renewal.interval_days
    for gap in result.gaps:
        yield f"gap_{gap.kind}_days", ALL_TIMES, gap.days
    for earlier, later in pairwise(result.certificates):
        yield "naive_interval_days", ALL_TIMES, (later.start_s - earlier.start_s) / DAY_S
    for event in result.events:
        for label in {ALL_TIMES, season_of(day_number(event.issued_s))}:
            yield "validity_days", label, event.validity_days
