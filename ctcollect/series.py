"""Rates out of samples of a counter: PURE. Where nothing was sampled nothing is said."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

# So much of a bucket must lie between samples for its rate to be told.
KNOWN_SHARE = 0.1


class Sample(NamedTuple):
    """A counter's ``value`` at a moment (Unix seconds)."""

    at: float
    value: int


@dataclass(frozen=True, slots=True)
class Buckets:
    """``count`` buckets of ``step_seconds`` each, of which the first begins at ``start`` (Unix seconds)."""

    start: int
    step_seconds: int
    count: int

    @property
    def end(self) -> int:
        return self.start + self.count * self.step_seconds

    def overlaps(self, start: float, end: float) -> Iterator[tuple[int, float]]:
        """(bucket's number, seconds) of each bucket that shares some of [start, end)."""
        first = max(0, math.floor((start - self.start) / self.step_seconds))
        for number in range(first, self.count):
            opens = self.start + number * self.step_seconds
            if opens >= end:
                return
            yield number, min(end, opens + self.step_seconds) - max(start, opens)


def buckets_until(now: float, period_seconds: int, step_seconds: int) -> Buckets:
    """The buckets of a period that ends with the one that holds ``now``, on whole multiples of the step."""
    last = math.floor(now / step_seconds)
    count = period_seconds // step_seconds
    return Buckets((last - count + 1) * step_seconds, step_seconds, count)


def rates(samples: Sequence[Sample], buckets: Buckets, gap_seconds: float, now: float) -> list[float | None]:
    """What was counted a second in each bucket; None where too little of it lies between samples.

    ``samples`` are in order of time. Two that lie more than ``gap_seconds`` apart have a gap between them. What was
    counted between two samples is spread evenly over their time; a counter that goes back (what was discarded is no
    work that was undone) counts as standing still. Of the last bucket only what is over by ``now`` is asked.
    """
    counted, known = [0.0] * buckets.count, [0.0] * buckets.count
    for before, after in pairwise(samples):
        seconds = after.at - before.at
        if not 0 < seconds <= gap_seconds:
            continue
        per_second = max(after.value - before.value, 0) / seconds
        for number, share in buckets.overlaps(before.at, after.at):
            counted[number] += per_second * share
            known[number] += share
    lengths = [
        min(buckets.step_seconds, now - buckets.start - number * buckets.step_seconds)
        for number in range(buckets.count)
    ]
    return [
        round(count / seconds, 3) if seconds > 0 and seconds >= KNOWN_SHARE * length else None
        for count, seconds, length in zip(counted, known, lengths, strict=True)
    ]
