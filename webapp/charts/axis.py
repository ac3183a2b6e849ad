"""Axes: values and times to places in the drawing, with ticks at round figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

TOKYO = timezone(timedelta(hours=9))
MINUTE, HOUR, DAY = 60, 3600, 86400
# Seconds between ticks on an axis of time, and how these are written.
TIME_STEPS: tuple[tuple[int, str], ...] = (
    (5 * MINUTE, "%H:%M"),
    (15 * MINUTE, "%H:%M"),
    (HOUR, "%H:%M"),
    (3 * HOUR, "%H:%M"),
    (6 * HOUR, "%H:%M"),
    (12 * HOUR, "%m-%d %H:%M"),
    (DAY, "%m-%d"),
    (2 * DAY, "%m-%d"),
    (7 * DAY, "%m-%d"),
    (14 * DAY, "%m-%d"),
    (30 * DAY, "%Y-%m-%d"),
    (91 * DAY, "%Y-%m"),
    (182 * DAY, "%Y-%m"),
    (365 * DAY, "%Y-%m"),
)
TOKYO_AHEAD_SECONDS = 9 * HOUR


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: its place in the drawing and what is written there."""

    place: float
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from ``low`` to ``high`` on places from ``start`` to ``end``; the latter may run backwards."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        reach = self.high - self.low or 1.0
        return round(self.start + (value - self.low) / reach * (self.end - self.start), 2)


def value_ticks(highest: float, count: int = 4) -> list[float]:
    """Round figures from 0 on, at most ``count`` + 1, the last one at or above ``highest``."""
    if not highest > 0:
        return [0.0, 1.0]
    step = _round_step(highest / count)
    return [step * number for number in range(math.ceil(highest / step - 1e-9) + 1)]


def level_ticks(lowest: float, highest: float, count: int = 4) -> list[float]:
    """Round figures around a level that is far from 0 and moves little: from below ``lowest`` to above ``highest``."""
    step = _round_step(max(highest - lowest, 1.0) / count)
    return [step * number for number in range(math.floor(lowest / step), math.ceil(highest / step - 1e-9) + 1)]


def _round_step(rough: float) -> float:
    """The next one upwards of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * (1 - 1e-9))


def time_ticks(axis: Axis, count: int = 6) -> list[Tick]:
    """Round times of a clock in Tokyo; the axis is of seconds since 1970."""
    reach = axis.high - axis.low
    step, form = next((each for each in TIME_STEPS if reach / each[0] <= count), TIME_STEPS[-1])
    step *= max(1, math.ceil(reach / step / count))
    first = math.ceil((axis.low + TOKYO_AHEAD_SECONDS) / step) * step - TOKYO_AHEAD_SECONDS
    seconds = range(first, math.floor(axis.high) + 1, step)
    return [Tick(axis.place(each), datetime.fromtimestamp(each, TOKYO).strftime(form)) for each in seconds]


def short_number(value: float) -> str:
    """A figure for a tick: 1,500 is 1.5k, 2,000,000 is 2M."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.8g}{unit}"
    return f"{value:g}"


def highest(series: Sequence[Sequence[float | None]]) -> float:
    """The largest figure of all; 0 when there is none."""
    return max((value for values in series for value in values if value is not None), default=0.0)
