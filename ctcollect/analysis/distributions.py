"""Distributions that merge: rounded values with their weights, and each registered domain's own median."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import ClassVar

from ctcollect.analysis.cells import PLACES
from ctcollect.analysis.confidence import Interval, bootstrap
from ctcollect.analysis.grouped import Key
from ctcollect.analysis.rules import Statistics


@dataclass(frozen=True, slots=True)
class Summary:
    """Median and quartiles of ``n`` values of so many domains.

    ``median_interval`` is that of order statistics and takes the values as independent. ``domain_mean`` is the mean
    over registered domains of each one's median lineage, with its interval by bootstrap (None below two domains).
    """

    name: str
    group: str
    season: str
    n: int
    domains: int
    median: float
    quartiles: Interval
    median_interval: Interval
    domain_mean: float
    domain_bootstrap: Interval | None
    hidden: bool


@dataclass(slots=True)
class Distribution:
    """``weights`` by rounded value, days to a hundredth, which is a quarter of an hour."""

    PLACES: ClassVar[int] = 2

    n: int = 0
    weights: dict[float, float] = field(default_factory=lambda: defaultdict(float))
    domain_medians: Counter[tuple[float, float]] = field(default_factory=Counter)

    def add(self, n: int, weights: Mapping[float, float], domain_median: float) -> None:
        """Take one registered domain's values: how many, their weights, the median of its lineages' medians."""
        self.n += n
        for value, weight in weights.items():
            self.weights[value] += weight
        self.domain_medians[round(domain_median, PLACES), 1.0] += 1

    def merge(self, other: "Distribution") -> None:
        """Take what another was given; domains must not be in both."""
        self.n += other.n
        for value, weight in other.weights.items():
            self.weights[value] += weight
        self.domain_medians.update(other.domain_medians)

    @property
    def domains(self) -> int:
        return self.domain_medians.total()

    def curve(self) -> list[tuple[float, float]]:
        """(value, share at or below it), by value: the empirical distribution function."""
        total, below, points = math.fsum(self.weights.values()), 0.0, []
        for value, weight in sorted(self.weights.items()):
            below += weight
            points.append((value, round(below / total, PLACES)))
        return points

    def quantile(self, share: float) -> float:
        """The smallest value with at least this share at or below it, of one value or more."""
        curve = self.curve()
        return next((value for value, below in curve if below >= share - 10**-PLACES), curve[-1][0])

    def summary(self, key: Key, statistics: Statistics) -> Summary:
        """The figures of a distribution that is not empty."""
        half = NormalDist().inv_cdf((1 + statistics.confidence) / 2) / (2 * math.sqrt(self.n))
        total = sum(value * count for (value, _), count in sorted(self.domain_medians.items()))
        return Summary(
            *key,
            n=self.n,
            domains=self.domains,
            median=self.quantile(0.5),
            quartiles=(self.quantile(0.25), self.quantile(0.75)),
            median_interval=(self.quantile(max(0.0, 0.5 - half)), self.quantile(min(1.0, 0.5 + half))),
            domain_mean=total / self.domains,
            domain_bootstrap=bootstrap(self.domain_medians, "/".join(key), statistics),
            hidden=self.domains < statistics.min_domains,
        )
