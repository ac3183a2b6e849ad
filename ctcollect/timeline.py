"""Spans of validity on a time axis: the lane of each, where none is valid and where several are. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import heappop, heappush
from itertools import groupby
from typing import NamedTuple


class Validity(NamedTuple):
    """[start, end); never empty."""

    start: datetime
    end: datetime


class Overlap(NamedTuple):
    """[start, end) in which at least two are valid at any time, at most ``most`` of them at once."""

    start: datetime
    end: datetime
    most: int


class Timeline(NamedTuple):
    """``lanes``: for each of the given spans, in their order, a number from 0 on; those of a lane do not touch.

    There are as many lanes as spans are valid at once, or touch, anywhere. ``gaps`` lie between the first start and
    the last end. Gaps and overlaps are in the order of time.
    """

    lanes: tuple[int, ...]
    gaps: tuple[Validity, ...]
    overlaps: tuple[Overlap, ...]


def lay_out(spans: Sequence[Validity]) -> Timeline:
    """Lanes, gaps and overlaps of some spans, in O(n log n). ValueError for a span that ends before it began."""
    if wrong := [span for span in spans if span.start >= span.end]:
        raise ValueError(f"{wrong[0]} is empty")
    depths = list(_depths(spans))
    return Timeline(_lanes(spans), tuple(_gaps(depths)), tuple(_overlaps(depths)))


def _lanes(spans: Sequence[Validity]) -> tuple[int, ...]:
    """Each takes, in the order of their starts, the lowest lane that is free: no arrangement needs fewer lanes."""
    lanes = [0] * len(spans)
    busy: list[tuple[datetime, int]] = []
    free: list[int] = []
    for number in sorted(range(len(spans)), key=lambda number: spans[number]):
        while busy and busy[0][0] < spans[number].start:
            heappush(free, heappop(busy)[1])
        lanes[number] = heappop(free) if free else len(busy)
        heappush(busy, (spans[number].end, lanes[number]))
    return tuple(lanes)


def _depths(spans: Sequence[Validity]) -> Iterator[tuple[Validity, int]]:
    """The time between the first start and the last end in pieces, with how many spans are valid in each."""
    steps = sorted([(span.start, 1) for span in spans] + [(span.end, -1) for span in spans])
    depth, since = 0, None
    for moment, group in groupby(steps, key=lambda step: step[0]):
        if since is not None:
            yield Validity(since, moment), depth
        depth, since = depth + sum(change for _, change in group), moment


def _gaps(depths: Sequence[tuple[Validity, int]]) -> Iterator[Validity]:
    for piece, depth in depths:
        if depth == 0:
            yield piece


def _overlaps(depths: Sequence[tuple[Validity, int]]) -> Iterator[Overlap]:
    for is_overlap, group in groupby(depths, key=lambda each: each[1] > 1):
        if is_overlap:
            pieces = list(group)
            yield Overlap(pieces[0][0].start, pieces[-1][0].end, max(depth for _, depth in pieces))
