"""When the work will be done, told as a span: PURE. A block bootstrap over the speeds of the last hours."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from random import Random
from typing import NamedTuple

REPLICATES = 400
# Speeds of neighbouring blocks are alike: they are drawn in runs of about the cube root of their number.
RUN_EXPONENT = 1 / 3


class Quantiles(NamedTuple):
    """Seconds; ``inf`` where in so many of the replicates the work never ends."""

    p10: float
    p50: float
    p90: float


def mean_speeds(speeds: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """For each queue REPLICATES means of its speeds, each over blocks drawn again: runs of them, with replacement.

    ``speeds`` holds, by queue, one speed for each block of time, the same blocks for all. The queues are drawn
    together, so that an hour in which all were slow stays one. Seeded by the speeds: the same data give the same
    answer.
    """
    blocks = len(next(iter(speeds.values()), ()))
    random = Random(repr(sorted((queue, tuple(each)) for queue, each in speeds.items())))
    drawn = [list(_drawn(random, blocks)) for _ in range(REPLICATES)] if blocks else []
    return {queue: [sum(each[i] for i in blocks_) / blocks for blocks_ in drawn] for queue, each in speeds.items()}


def _drawn(random: Random, blocks: int) -> Iterator[int]:
    length = max(1, round(blocks**RUN_EXPONENT))
    starts = (random.randrange(blocks) for _ in range(blocks))
    runs = (((start + step) % blocks for step in range(length)) for start in starts)
    return islice(chain.from_iterable(runs), blocks)


def seconds_for(entries: int, means: Sequence[float]) -> list[float]:
    """How long so many entries take at each of these speeds."""
    return [entries / mean if mean > 0 else math.inf for mean in means]


def slowest(times: Sequence[Sequence[float]]) -> list[float]:
    """In each replicate the time of the queue that takes longest."""
    return [max(each) for each in zip(*times, strict=True)]


def quantiles(times: Sequence[float]) -> Quantiles:
    """Of at least one time."""
    ordered = sorted(times)
    return Quantiles(*(ordered[min(len(ordered) - 1, math.floor(share * len(ordered)))] for share in (0.1, 0.5, 0.9)))
