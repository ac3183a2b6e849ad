"""Intervals of confidence: Wilson's, the exact one of a Poisson count, the bootstrap by clusters and by strata."""

import math
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ctcollect.analysis.rules import Statistics

Interval = tuple[float, float]
Floats = NDArray[np.float64]
MOST_DRAWS_AT_ONCE = 4_000_000


def wilson(numerator: float, denominator: float, confidence: float) -> Interval:
    """Wilson's score interval (1927) of a share, for 0 < denominator; never outside 0 to 1."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, squared = numerator / denominator, z * z
    centre = share + squared / (2 * denominator)
    half = z * math.sqrt(max(share * (1 - share), 0.0) / denominator + squared / (4 * denominator**2))
    scale = 1 + squared / denominator
    # At 0 and 1 the formula is exact, its arithmetic is not.
    low = 0.0 if numerator <= 0 else max(0.0, (centre - half) / scale)
    high = 1.0 if numerator >= denominator else min(1.0, (centre + half) / scale)
    return low, high


def poisson_interval(count: int, confidence: float) -> Interval:
    """The exact interval (Garwood 1936) of the mean of a Poisson variable of which ``count`` was seen."""
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else solve(lambda mean: 1 - _poisson_cdf(count - 1, mean) - tail, 0.0, float(count))
    high = solve(lambda mean: tail - _poisson_cdf(count, mean), float(count), count + 10 * math.sqrt(count + 1) + 10)
    return low, high


def _poisson_cdf(count: int, mean: float) -> float:
    """P(X <= count)."""
    if mean <= 0:
        return 1.0
    return math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1))


def solve(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function of [low, high] is 0, by bisection."""
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2


def bootstrap(clusters: Counter[tuple[float, float]], name: str, statistics: Statistics) -> Interval | None:
    """The percentile interval of sum(numerators) / sum(denominators) when clusters are drawn anew.

    ``clusters`` counts how many clusters have one (numerator, denominator): to draw clusters one by one and to draw
    from these counts is the same, and the second is quick for millions. ``name`` and the seed decide the draws, so
    that the same figure has the same interval whatever else is asked for. None of fewer than two clusters.
    """
    if clusters.total() < 2:
        return None
    sums = _drawn_sums(clusters, _generator(name, statistics), statistics.bootstrap_samples)
    shares = sums[:, 0][sums[:, 1] > 0] / sums[:, 1][sums[:, 1] > 0]
    return _percentiles(shares, statistics.confidence)


def stratified_bootstrap(
    strata: Sequence[tuple[float, Counter[tuple[float, float]]]], name: str, statistics: Statistics
) -> Interval:
    """The percentile interval of sum(weight * rate) over strata, the clusters of each drawn anew within it.

    ``strata``: (weight, clusters as for ``bootstrap``, every denominator above 0), one or more. The weights are taken
    as known, for they are a standard's.
    """
    generator, total = _generator(name, statistics), np.zeros(statistics.bootstrap_samples)
    for weight, clusters in strata:
        sums = _drawn_sums(clusters, generator, statistics.bootstrap_samples)
        total += weight * sums[:, 0] / sums[:, 1]
    return _percentiles(total, statistics.confidence)


def _generator(name: str, statistics: Statistics) -> np.random.Generator:
    return np.random.default_rng([statistics.seed, zlib.crc32(name.encode())])


def _percentiles(values: Floats, confidence: float) -> Interval:
    tail = 100 * (1 - confidence) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return float(low), float(high)


def _drawn_sums(clusters: Counter[tuple[float, float]], generator: np.random.Generator, samples: int) -> Floats:
    """(samples, 2): both sums of each draw of as many clusters as there are."""
    kinds = sorted(clusters.items())
    values = np.array([kind for kind, _ in kinds], dtype=float)
    counts = np.array([count for _, count in kinds], dtype=float)
    total, shares = round(counts.sum()), counts / counts.sum()
    at_once = max(1, MOST_DRAWS_AT_ONCE // len(counts))
    parts = [
        generator.multinomial(total, shares, size=min(at_once, samples - done)) @ values
        for done in range(0, samples, at_once)
    ]
    return np.concatenate(parts)
