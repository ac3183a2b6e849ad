"""Medians and spread of a few numbers. Plain Python: a lineage has some ten of them, where numpy's calls cost more."""

import math
from collections.abc import Sequence

from ctcollect.analysis.rules import Rules

MAD_TO_SIGMA = 1.4826  # of a normal distribution
IQR_TO_SIGMA = 0.7413


def median(values: Sequence[float]) -> float:
    """Of one value or more."""
    return _quantile(sorted(values), 0.5)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear between the nearest ranks, as numpy's default."""
    position = (len(ordered) - 1) * share
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def dispersion(values: Sequence[float], rules: Rules) -> float:
    """The spread of values about their own centre, in their unit; 0 of fewer than two."""
    return grouped_dispersion([values], rules)


def grouped_dispersion(groups: Sequence[Sequence[float]], rules: Rules) -> float:
    """The spread within groups, each about its own centre (M5), 0 where no group has two values.

    The standard deviation of fewer than six values; from there the larger of 1.4826 MAD and 0.7413 IQR, so that one
    lapse does not make a machine irregular. MAD alone is near 0 by chance for three or four values.
    """
    count = sum(len(group) for group in groups)
    if count >= rules.regularity.robust_from:
        return _robust([value - centre for group in groups if group for centre in [median(group)] for value in group])
    freedom = count - sum(1 for group in groups if group)
    if freedom <= 0:
        return 0.0
    squares = sum((value - sum(group) / len(group)) ** 2 for group in groups for value in group)
    return math.sqrt(squares / freedom)


def _robust(residuals: Sequence[float]) -> float:
    ordered = sorted(residuals)
    centre = _quantile(ordered, 0.5)
    mad = median([abs(value - centre) for value in ordered])
    return max(MAD_TO_SIGMA * mad, IQR_TO_SIGMA * (_quantile(ordered, 0.75) - _quantile(ordered, 0.25)))
