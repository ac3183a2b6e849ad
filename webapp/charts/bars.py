"""Bars by day, each in parts, one over the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.charts.axis import Axis, Tick, short_number, value_ticks

WIDTH, HEIGHT = 640, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 8, 22
GAP_SHARE = 0.15
LABELS_AT_MOST = 7


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a day's bar: a rectangle, which series it belongs to (from 0) and its figure."""

    x: float
    y: float
    width: float
    height: float
    series: int
    label: str
    value: float


@dataclass(frozen=True, slots=True)
class BarChart:
    bars: list[Bar]
    names: list[str]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    is_empty: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def stacked_bars(labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> BarChart:
    """One bar a label, of as many parts as there are series; the first one stands lowest. Figures are not negative."""
    sums = [sum(values) for values in zip(*series.values(), strict=True)] if series else []
    steps = value_ticks(max(sums, default=0.0))
    up = Axis(0, steps[-1], HEIGHT - BOTTOM, TOP)
    across = Axis(0, max(len(labels), 1), LEFT, WIDTH - RIGHT)
    every = -(-len(labels) // LABELS_AT_MOST) or 1
    return BarChart(
        bars=[bar for place, label in enumerate(labels) for bar in _pile(place, label, series, across, up)],
        names=[*series],
        x_ticks=[Tick(across.place(place + 0.5), labels[place]) for place in range(0, len(labels), every)],
        y_ticks=[Tick(up.place(step), short_number(step)) for step in steps],
        is_empty=not any(sums),
    )


def _pile(place: int, label: str, series: Mapping[str, Sequence[float]], across: Axis, up: Axis) -> list[Bar]:
    bars, below = [], 0.0
    x, width = across.place(place + GAP_SHARE / 2), across.place(1 - GAP_SHARE) - across.place(0)
    for number, values in enumerate(series.values()):
        value = values[place]
        if value > 0:
            top, bottom = up.place(below + value), up.place(below)
            bars.append(Bar(x, top, round(width, 2), round(bottom - top, 2), number, label, value))
            below += value
    return bars
