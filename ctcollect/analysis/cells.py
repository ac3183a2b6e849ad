"""Shares and means that are added up by registered domain; cells merge in any order."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ctcollect.analysis.confidence import Interval, bootstrap, wilson
from ctcollect.analysis.coverage import Flag
from ctcollect.analysis.grouped import Key
from ctcollect.analysis.measures import FAMILIES, MEASURES, Measure, Vector
from ctcollect.analysis.rules import Statistics

PLACES = 6  # of sums of weights such as 1/3, so that equal domains are equal whatever the order of addition
VALUE_PLACES = 3  # of a domain's own value, which has no need of more and would make each domain a kind of its own
Pairs = Counter[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or a mean, never bare: ``numerator`` / ``denominator``, both weighted by 1 / domains of the name set.

    ``wilson`` treats the observations as independent and is None for a mean; ``bootstrap`` (None below two domains)
    draws whole registered domains. ``domain_value`` gives each domain one voice: the median of its lineages, then the
    mean over domains, with an interval of its own. ``hidden``: too few domains to be shown. Shares are 0 to 1.
    """

    measure: str
    group: str
    season: str
    n: int
    domains: int
    numerator: float
    denominator: float
    value: float
    wilson: Interval | None
    bootstrap: Interval | None
    domain_value: float
    domain_bootstrap: Interval | None
    coverage: Flag
    hidden: bool


class Cluster(NamedTuple):
    """One registered domain: its weighted sums, those without weights, the medians of its lineages by measure.

    The last two are None where they follow from the first: of a domain with one kind of lineage and no shared names.
    """

    sums: Vector
    totals: Vector | None
    medians: tuple[float | None, ...] | None


def cluster_of(family: str, lineages: Mapping[tuple[Vector, float], int]) -> Cluster:
    """Of the lineages of one registered domain: how many have which (vector, weight)."""
    if len(lineages) == 1:
        (((vector, weight), count),) = lineages.items()
        if weight == count == 1:
            return Cluster(vector, None, None)
    ordered = sorted(lineages.items())
    sums: Vector = (0.0,) * len(ordered[0][0][0])
    totals = sums
    for (vector, weight), count in ordered:
        totals = tuple(total + value * count for total, value in zip(totals, vector, strict=True))
        sums = tuple(total + value * count * weight for total, value in zip(sums, vector, strict=True))
    medians = tuple(_median_lineage(measure, lineages) for measure in MEASURES_OF[family])
    return Cluster(tuple(round(value, PLACES) for value in sums), totals, medians)


def _median_lineage(measure: Measure, lineages: Mapping[tuple[Vector, float], int]) -> float | None:
    values: Counter[float] = Counter()
    for (vector, _), count in lineages.items():
        if vector[measure.denominator]:
            values[vector[measure.numerator] / vector[measure.denominator]] += count
    return round(median_of_counts(values), VALUE_PLACES) if values else None


def median_of_counts(counts: Mapping[float, int]) -> float:
    """The median of values that are counted, as ``statistics.median`` has it; ValueError of none."""
    half = sum(counts.values()) / 2
    below, ordered = 0, sorted(counts.items())
    for place, (value, count) in enumerate(ordered):
        below += count
        if below > half:
            return value
        if below == half:
            return (value + ordered[place + 1][0]) / 2
    raise ValueError("nothing was counted")


class Cell(Counter[Cluster]):
    """One family in one group and season: how many registered domains there are of each kind."""

    def merge(self, other: "Cell") -> None:
        """Take what another cell was given; domains must not be in both."""
        self.update(other)

    def without(self, cluster: Cluster) -> "Cell":
        """All but one domain with this cluster."""
        rest = Cell(self)
        rest[cluster] -= 1
        if not rest[cluster]:
            del rest[cluster]
        return rest

    def estimate(self, key: Key, flag: Flag, statistics: Statistics) -> Estimate | None:
        """The figure of a measure, by ``key.name``; None when no domain has an observation."""
        measure = MEASURES[key.name]
        pairs, values = self.pairs(measure)
        if not pairs:
            return None
        numerator, denominator = sums_of(pairs)
        confidence = statistics.confidence
        return Estimate(
            *key,
            n=round(sum((each.totals or each.sums)[measure.denominator] * count for each, count in self.items())),
            domains=pairs.total(),
            numerator=numerator,
            denominator=denominator,
            value=numerator / denominator,
            wilson=wilson(numerator, denominator, confidence) if measure.is_share else None,
            bootstrap=bootstrap(pairs, "/".join(key), statistics),
            domain_value=sums_of(values)[0] / values.total(),
            domain_bootstrap=bootstrap(values, "/".join((*key, "domains")), statistics),
            coverage=flag,
            hidden=pairs.total() < statistics.min_domains,
        )

    def pairs(self, measure: Measure) -> tuple[Pairs, Pairs]:
        """Of the domains with an observation: (numerator, denominator), and (the domain's own value, 1)."""
        place = MEASURES_OF[measure.family].index(measure)
        pairs, values = Pairs(), Pairs()
        for cluster, count in self.items():
            numerator, denominator = cluster.sums[measure.numerator], cluster.sums[measure.denominator]
            if denominator:
                pairs[numerator, denominator] += count
                own = cluster.medians[place] if cluster.medians else None
                values[round(numerator / denominator, VALUE_PLACES) if own is None else own, 1.0] += count
        return pairs, values


MEASURES_OF = {
    family: tuple(measure for measure in MEASURES.values() if measure.family == family) for family in FAMILIES
}


def sums_of(pairs: Pairs) -> tuple[float, float]:
    """Of both, in an order of their own, so that merging does not show in the last digit."""
    ordered = sorted(pairs.items())
    return (
        round(sum(kind[0] * count for kind, count in ordered), PLACES),
        round(sum(kind[1] * count for kind, count in ordered), PLACES),
    )
