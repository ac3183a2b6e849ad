"""Lanes, gaps and overlaps of spans."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.timeline import Overlap, Validity, lay_out

DAY = datetime(2024, 1, 1)


def day(number: int) -> datetime:
    return DAY + timedelta(days=number)


def valid(start: int, end: int) -> Validity:
    return Validity(day(start), day(end))


spans = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda each: valid(each[0], sum(each))), max_size=25
)


def test_an_example() -> None:
    """Renewed early, renewed late, and twice at once."""
    timeline = lay_out([valid(20, 30), valid(0, 10), valid(8, 15), valid(24, 26), valid(25, 40)])
    assert timeline.lanes == (0, 0, 1, 1, 2)
    assert timeline.gaps == (valid(15, 20),)
    assert timeline.overlaps == (Overlap(day(8), day(10), 2), Overlap(day(24), day(30), 3))


@given(spans)
def test_gaps_and_overlaps_are_what_counting_day_by_day_gives(given: list[Validity]) -> None:
    """Each day is in a gap, in an overlap, or covered once; neighbours are one gap or overlap, not two."""
    timeline = lay_out(given)
    for number in range(min((span.start for span in given), default=DAY).day - 1, 45):
        at = day(number)
        depth = sum(span.start <= at < span.end for span in given)
        is_inside = any(span.start <= at for span in given) and any(at < span.end for span in given)
        assert (depth == 0 and is_inside) == any(gap.start <= at < gap.end for gap in timeline.gaps)
        around = [overlap for overlap in timeline.overlaps if overlap.start <= at < overlap.end]
        assert (depth > 1) == bool(around)
        assert all(depth <= overlap.most for overlap in around)
    assert all(first.end < second.start for first, second in pairwise(timeline.gaps))
    assert all(first.end < second.start for first, second in pairwise(timeline.overlaps))


@given(spans)
def test_lanes_hold_one_certificate_at_a_time_and_none_is_wasted(given: list[Validity]) -> None:
    """Those of a lane do not touch; there are no more lanes than spans meet at one time."""
    lanes = lay_out(given).lanes
    assert len(lanes) == len(given)
    for lane in set(lanes):
        inside = sorted(span for span, number in zip(given, lanes, strict=True) if number == lane)
        assert all(first.end < second.start for first, second in pairwise(inside))
    most = max((sum(one.start <= span.start <= one.end for one in given) for span in given), default=0)
    assert len(set(lanes)) <= most


def test_a_span_that_ends_before_it_began_is_refused() -> None:
    """The caller leaves such certificates out and says so."""
    with pytest.raises(ValueError, match="is empty"):
        lay_out([valid(2, 2)])
