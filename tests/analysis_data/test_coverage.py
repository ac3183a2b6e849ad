"""From verified ranges to times: never more than was read, whatever lies out of its place."""

from hypothesis import given
from hypothesis import strategies as st

from ctcollect.analysis_data.coverage import TimedRange, runs, time_span
from ctcollect.ranges import Span

LENGTH = 10


def timed(number: int, *times: float) -> TimedRange:
    span = Span(number * LENGTH, (number + 1) * LENGTH)
    return TimedRange(span, *(times or (None, None, None, None)))


@given(st.sets(st.integers(0, 30)))
def test_runs_hold_what_touches(numbers: set[int]) -> None:
    """Every range is in one run, in order; a run has no hole, between two runs there is one."""
    found = runs(timed(number) for number in numbers)
    assert [each.span.start // LENGTH for run in found for each in run] == sorted(numbers)
    for run in found:
        assert run[-1].span.end - run[0].span.start == len(run) * LENGTH
        assert run[-1].span.end // LENGTH not in numbers


def test_the_ends_of_a_run() -> None:
    """Inside a log the outermost hundredth does not count; at the log's own ends, where nothing is missing, it does."""
    first, second, third = timed(0, 1, 2, 3, 4), timed(1, 5, 6, 7, 8), timed(2, 9, 10, 11, 12)
    assert time_span([second], 100) == (6, 7)
    assert time_span([first, second], 100) == (1, 7)
    assert time_span([second, third], 30) == (6, 12)
    assert time_span([first, second, third], 30) == (1, 12)


def test_ranges_without_a_time() -> None:
    """Nothing is said beyond the outermost times that are known; without any nothing is."""
    assert time_span([timed(3), timed(4, 5, 6, 7, 8), timed(5)], 100) == (6, 7)
    assert time_span([timed(3), timed(4)], 100) is None
    assert time_span([timed(3, 9, 9, 9, 9), timed(4, 1, 1, 1, 1)], 100) is None
