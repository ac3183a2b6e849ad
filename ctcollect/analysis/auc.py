"""How well a number tells two groups apart: the area under the ROC curve, which needs no threshold."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

from ctcollect.analysis.confidence import Interval, solve


@dataclass(frozen=True, slots=True)
class Auc:
    """The chance that the number is higher for one of ``positives`` than for one of ``negatives``; 0.5 is by chance."""

    value: float
    interval: Interval
    positives: int
    negatives: int


def auc(positive: Mapping[float, int], negative: Mapping[float, int], confidence: float) -> Auc | None:
    """Of two samples as counts by value (Mann and Whitney 1947; equal values count half); None where one is empty.

    The interval is Newcombe's method 5 (2006, Statistics in Medicine 25: 559-573): the variance of Hanley and McNeil
    (1982) at each candidate instead of at the estimate, so that it has a width at 0 and 1 too. Takes the values as
    independent of each other.
    """
    positives, negatives = sum(positive.values()), sum(negative.values())
    if not positives or not negatives:
        return None
    value = _won(positive, negative) / (positives * negatives)
    return Auc(value, newcombe(value, positives, negatives, confidence), positives, negatives)


def _won(positive: Mapping[float, int], negative: Mapping[float, int]) -> float:
    """The pairs that the positive one wins; half of those that are equal."""
    won, below = 0.0, 0
    for value in sorted(positive.keys() | negative.keys()):
        equal = negative.get(value, 0)
        won += positive.get(value, 0) * (below + equal / 2)
        below += equal
    return won


def newcombe(value: float, positives: int, negatives: int, confidence: float) -> Interval:
    """Where |candidate - value| = z * standard error(candidate), on both sides."""
    squared = NormalDist().inv_cdf((1 + confidence) / 2) ** 2

    def excess(candidate: float) -> float:
        """Above 0 where the candidate is farther from the value than chance explains."""
        return (candidate - value) ** 2 - squared * variance(candidate, positives, negatives)

    low = 0.0 if value == 0 else solve(lambda candidate: -excess(candidate), 0.0, value)
    high = 1.0 if value == 1 else solve(excess, value, 1.0)
    return low, high


def variance(value: float, positives: int, negatives: int) -> float:
    """Hanley and McNeil's, with the mean of both sizes for each, as Newcombe has it."""
    others = (positives + negatives) / 2 - 1
    pairs = positives * negatives
    return value * (1 - value) * (1 + others * (1 - value) / (2 - value) + others * value / (1 + value)) / pairs
