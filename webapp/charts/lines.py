"""A line over time with its gaps: where nothing was measured no line is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from webapp.charts.axis import Axis, Tick, highest, level_ticks, short_number, time_ticks, value_ticks

WIDTH, HEIGHT = 640, 160
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 8, 22


@dataclass(frozen=True, slots=True)
class LineChart:
    """Places in a drawing of ``width`` x ``height``. ``lines`` and ``areas`` are values of SVG's ``points``; a point
    that has no neighbour stands in ``dots``. ``is_empty``: nothing was measured at all.
    """

    lines: list[str]
    areas: list[str]
    dots: list[tuple[float, float]]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    is_empty: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def line_chart(times: Sequence[float], values: Sequence[float | None]) -> LineChart:
    """``values`` at ``times`` (seconds since 1970, rising); None where nothing was measured."""
    return _chart(times, values, value_ticks(highest([values])))


def level_chart(times: Sequence[float], values: Sequence[float]) -> LineChart:
    """The same for what is always there and changes little: the axis begins near the lowest value, not at 0."""
    return _chart(times, values, level_ticks(min(values, default=0.0), max(values, default=0.0)))


def _chart(times: Sequence[float], values: Sequence[float | None], steps: Sequence[float]) -> LineChart:
    across = Axis(times[0] if times else 0.0, times[-1] if times else 1.0, LEFT, WIDTH - RIGHT)
    up = Axis(steps[0], steps[-1], HEIGHT - BOTTOM, TOP)
    runs = _runs(times, values, across, up)
    long = [run for run in runs if len(run) > 1]
    return LineChart(
        lines=[_points(run) for run in long],
        areas=[_points([(run[0][0], up.start), *run, (run[-1][0], up.start)]) for run in long],
        dots=[run[0] for run in runs if len(run) == 1],
        x_ticks=time_ticks(across) if times else [],
        y_ticks=[Tick(up.place(step), short_number(step)) for step in steps],
        is_empty=not runs,
    )


def _runs(
    times: Sequence[float], values: Sequence[float | None], across: Axis, up: Axis
) -> list[list[tuple[float, float]]]:
    """The points between the gaps."""
    pairs = zip(times, values, strict=True)
    runs = []
    for is_gap, group in groupby(pairs, key=lambda pair: pair[1] is None):
        if not is_gap:
            runs.append([(across.place(at), up.place(value)) for at, value in group if value is not None])
    return runs


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)
