"""Shares and means that are added up by registered domain; cells merge in any order."""

from collections import Counter
from dataclasses import dataclass, field

from ctcollect.analysis.confidence import Interval, bootstrap, wilson
from ctcollect.analysis.coverage import Flag
from ctcollect.analysis.rules import Statistics

PLACES = 6  # of sums of weights such as 1/3, so that equal domains are equal whatever the order of addition
VALUE_PLACES = 3  # of a domain's own value, which has no need of more and would make each domain a kind of its own


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


@dataclass(slots=True)
class Cell:
    """Numerators and denominators of one measure in one group, by registered domain; ``n`` counts what was added."""

    n: int = 0
    clusters: Counter[tuple[float, float]] = field(default_factory=Counter)
    domain_values: Counter[tuple[float, float]] = field(default_factory=Counter)

    def add(self, n: int, numerator: float, denominator: float, domain_value: float) -> None:
        """Take one registered domain: its sums, the denominator above 0, and the median of its lineages."""
        self.n += n
        self.clusters[round(numerator, PLACES), round(denominator, PLACES)] += 1
        self.domain_values[round(domain_value, VALUE_PLACES), 1.0] += 1

    def merge(self, other: "Cell") -> None:
        """Take what another cell was given; domains must not be in both."""
        self.n += other.n
        self.clusters.update(other.clusters)
        self.domain_values.update(other.domain_values)

    @property
    def domains(self) -> int:
        return self.clusters.total()

    @property
    def sums(self) -> tuple[float, float]:
        """Numerator and denominator."""
        return _sums(self.clusters)

    def estimate(
        self, measure: str, group: str, season: str, flag: Flag, statistics: Statistics, is_share: bool
    ) -> Estimate:
        """The figure of a cell that has at least one domain; only a share has Wilson's interval."""
        name = f"{measure}/{group}/{season}"
        numerator, denominator = self.sums
        return Estimate(
            measure=measure,
            group=group,
            season=season,
            n=self.n,
            domains=self.domains,
            numerator=numerator,
            denominator=denominator,
            value=numerator / denominator,
            wilson=wilson(numerator, denominator, statistics.confidence) if is_share else None,
            bootstrap=bootstrap(self.clusters, name, statistics),
            domain_value=_sums(self.domain_values)[0] / self.domains,
            domain_bootstrap=bootstrap(self.domain_values, f"{name}/domains", statistics),
            coverage=flag,
            hidden=self.domains < statistics.min_domains,
        )


def _sums(pairs: Counter[tuple[float, float]]) -> tuple[float, float]:
    """Of both, in an order of their own, so that merging does not show in the last digit."""
    ordered = sorted(pairs.items())
    return (
        round(sum(kind[0] * count for kind, count in ordered), PLACES),
        round(sum(kind[1] * count for kind, count in ordered), PLACES),
    )
