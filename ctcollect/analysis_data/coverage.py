"""From verified ranges and the timestamps in them to the times of issue of which everything was collected. Pure.

A log is only nearly sorted by time: an entry may be out of its place by the maximum merge delay. So of the ranges at
the ends of a run only the times between their first and their last hundredth count, unless the log itself ends there.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from ctcollect.analysis.coverage import TimeSpan
from ctcollect.ranges import Span

# The step of a log's clock: behind the last entry's timestamp the span ends.
MILLISECOND_S = 0.001


class TimedRange(NamedTuple):
    """A verified range: its entries, and of their timestamps those of .jp certificates and samples; None without any.

    Seconds since 1970 UTC: the earliest, the first hundredth, the last hundredth, the latest.
    """

    span: Span
    first_s: float | None
    early_s: float | None
    late_s: float | None
    last_s: float | None


def runs(ranges: Iterable[TimedRange]) -> list[list[TimedRange]]:
    """The ranges in order, those that touch together."""
    found: list[list[TimedRange]] = []
    ordered = sorted(ranges, key=lambda each: each.span)
    for before, each in pairwise([None, *ordered]):
        assert each is not None
        if before is not None and before.span.end == each.span.start:
            found[-1].append(each)
        else:
            found.append([each])
    return found


def time_span(run: Sequence[TimedRange], tree_size: int) -> TimeSpan | None:
    """The times of which every entry is in ``run``; None when nothing in it tells a time."""
    timed = [each for each in run if each.first_s is not None]
    if not timed:
        return None
    is_first, is_last = run[0].span.start == 0, run[-1].span.end >= tree_size
    start = timed[0].first_s if is_first else timed[0].early_s
    end = timed[-1].last_s if is_last else timed[-1].late_s
    return (start, end + MILLISECOND_S) if start is not None and end is not None and start <= end else None
