"""Where in a log a time lies, told from few of its entries. Pure.

A log is only nearly sorted by its entries' timestamps. What may be concluded rests on one promise, the log's maximum
merge delay D (RFC 6962 section 3): whatever the order, no entry is out of its place by more than D. docs/windows.md
says what that proves.
"""

from collections.abc import Callable
from typing import NamedTuple

# Interpolation may take this many steps more than halving would.
SPARE_STEPS = 1
TRUNCATION = 0.2


class Sample(NamedTuple):
    """The timestamps (milliseconds since 1970 UTC) of consecutive entries from index ``start`` on; never none.

    Of 32 entries up to seven may be out of their place, by any time, and ``lower_ms`` is still no later than the
    time at which the log reached ``middle``, ``upper_ms`` no earlier.
    """

    start: int
    timestamps_ms: tuple[int, ...]

    @property
    def middle(self) -> int:
        return self.start + len(self.timestamps_ms) // 2

    @property
    def lower_ms(self) -> int:
        """The lower quartile."""
        return sorted(self.timestamps_ms)[len(self.timestamps_ms) // 4]

    @property
    def upper_ms(self) -> int:
        """The upper quartile."""
        return sorted(self.timestamps_ms)[-1 - len(self.timestamps_ms) // 4]

    @property
    def ahead_ms(self) -> int:
        """How far the latest is ahead of its neighbours."""
        return max(self.timestamps_ms) - self.upper_ms


class Point(NamedTuple):
    """A position and how far its value is behind (negative) or beyond what is looked for."""

    position: int
    distance: int


def first_reaching(low: Point, high: Point, distance_at: Callable[[int], int]) -> int:
    """The smallest position whose distance is 0 or more, for distances that rise with the position.

    ``low.distance`` < 0 <= ``high.distance``. Asks for at most ceil(log2(high - low)) + SPARE_STEPS distances, and
    for some five of a log that grows evenly, by the method of Oliveira and Takahashi (ITP, ACM TOMS 47, 2020), here
    on integers. Where distances do not quite rise, the result reaches and the position before it does not.
    """
    width = high.position - low.position
    steps_left = (width - 1).bit_length() + SPARE_STEPS
    while high.position - low.position > 1:
        steps_left -= 1
        at = _next_position(low, high, width, 1 << steps_left)
        point = Point(at, distance_at(at))
        low, high = (point, high) if point.distance < 0 else (low, point)
    return high.position


def _next_position(low: Point, high: Point, first_width: int, longest: int) -> int:
    """Interpolate, truncate towards the middle, project to where at most ``longest`` is left on either side."""
    width = high.position - low.position
    crossing = low.position + round(width * -low.distance / (high.distance - low.distance))
    middle = (low.position + high.position) // 2
    step = min(max(1, round(TRUNCATION * width * width / first_width)), abs(middle - crossing))
    guess = crossing + (step if crossing < middle else -step)
    first, last = max(low.position + 1, high.position - longest), min(high.position - 1, low.position + longest)
    return min(max(guess, first), last)
