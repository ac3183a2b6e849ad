"""The area under the ROC curve: against counting pairs, and against what was printed."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.analysis.auc import auc, newcombe, variance

SAMPLES = st.lists(st.integers(0, 6), min_size=1, max_size=20)


@given(SAMPLES, SAMPLES)
def test_each_pair_counts(positive: list[int], negative: list[int]) -> None:
    """It is the share of pairs that the positive one wins, a draw being half; the interval holds it."""
    won = sum((a > b) + (a == b) / 2 for a in positive for b in negative)
    found = auc(Counter(positive), Counter(negative), 0.95)
    assert found is not None
    assert found.value == pytest.approx(won / (len(positive) * len(negative)))
    assert (found.positives, found.negatives) == (len(positive), len(negative))
    assert 0 <= found.interval[0] <= found.value + 1e-9
    assert found.value - 1e-9 <= found.interval[1] <= 1


def test_the_standard_error_as_printed() -> None:
    """Hanley and McNeil (1982), the CT images of 51 diseased and 58 others: 0.893 with a standard error of 0.032."""
    assert variance(0.893, 51, 58) ** 0.5 == pytest.approx(0.032, abs=0.0006)


def test_the_interval_is_where_the_estimate_is_just_not_chance() -> None:
    """At both ends the estimate is 1.96 standard errors of that end away; longer towards the middle."""
    low, high = newcombe(0.893, 51, 58, 0.95)
    for end in (low, high):
        assert abs(end - 0.893) == pytest.approx(1.95996 * variance(end, 51, 58) ** 0.5, rel=1e-4)
    assert 0.893 - low > high - 0.893


def test_perfect_separation_of_few_is_not_certain() -> None:
    """The interval has a width where the estimate is 1 or 0, the wider the fewer there are; nobody gives no figure."""
    few, many = (auc({9.0: n}, {1.0: n}, 0.95) for n in (3, 300))
    assert few is not None
    assert many is not None
    assert few.value == many.value == few.interval[1] == 1
    assert few.interval[0] < 0.7 < 0.98 < many.interval[0] < 1
    worst = auc({1.0: 3}, {9.0: 3}, 0.95)
    assert worst is not None
    assert worst.interval == pytest.approx((0, 1 - few.interval[0]))
    assert auc({}, {1.0: 3}, 0.95) is None
