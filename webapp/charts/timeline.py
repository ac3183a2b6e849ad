"""Spans of validity as bars in lanes, with the times without any below them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from webapp.charts.axis import Axis, Tick, time_ticks

WIDTH = 960
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 18, 22
GAP_LANE = 14
# Pixels of a lane: many lanes are thin ones.
LANE_HEIGHTS = ((12, 18), (40, 12), (120, 7))
THINNEST_LANE = 4
NARROWEST_BAR = 1.5
COLOURS = 7  # the next one is for all others
# Longer than any CA may issue: what is valid for ever does not press all others into a line.
FAR_SECONDS = 10 * 366 * 86_400


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """A certificate's rectangle; ``series`` is the colour of its CA, ``record`` the certificate itself."""

    x: float
    y: float
    width: float
    height: float
    series: int
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stretch:
    """From ``x`` over ``width``: a gap or an overlap, which is ``record``."""

    x: float
    width: float
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TimelineChart:
    """``names`` are the CAs in the order of their colours; ``now`` is None when it lies outside."""

    bars: list[TimelineBar]
    gaps: list[Stretch]
    overlaps: list[Stretch]
    names: list[str | None]
    x_ticks: list[Tick]
    now: float | None
    height: int
    bottom: int
    top: int = TOP
    gap_height: int = GAP_LANE
    width: int = WIDTH


def timeline_chart(document: Mapping[str, Any], now: datetime) -> TimelineChart | None:
    """The chart of a domain's timeline (ctcollect.store.domain_timeline); None when no certificate has a bar."""
    bars = document["bars"]
    if not bars:
        return None
    starts = [seconds(bar["not_before"]) for bar in bars]
    far = max(seconds(now), *starts) + FAR_SECONDS
    across = Axis(min(starts), min(max(seconds(bar["not_after"]) for bar in bars), far), LEFT, WIDTH - RIGHT)
    lanes = max(bar["lane"] for bar in bars) + 1
    lane = next((pixels for most, pixels in LANE_HEIGHTS if lanes <= most), THINNEST_LANE)
    names = _names(bars)
    bottom = TOP + lanes * lane + GAP_LANE
    return TimelineChart(
        bars=[_bar(bar, across, lane, names) for bar in bars],
        gaps=[_stretch(gap, across) for gap in document["gaps"]],
        overlaps=[_stretch(overlap, across) for overlap in document["overlaps"]],
        names=[*names],
        x_ticks=time_ticks(across),
        now=across.place(seconds(now)) if across.low <= seconds(now) <= across.high else None,
        height=bottom + BOTTOM,
        bottom=bottom,
    )


def seconds(moment_utc: datetime) -> float:
    """Since 1970, of a time without a zone."""
    return moment_utc.replace(tzinfo=UTC).timestamp()


def _names(bars: Sequence[Mapping[str, Any]]) -> dict[str | None, int]:
    """The CAs with their colours, the one with the most certificates first; from COLOURS on they share one."""
    counts: dict[str | None, int] = {}
    for bar in bars:
        counts[bar["issuer_o"]] = counts.get(bar["issuer_o"], 0) + 1
    ordered = sorted(counts, key=lambda name: (-counts[name], name or ""))
    return {name: min(place, COLOURS) for place, name in enumerate(ordered)}


def _bar(bar: Mapping[str, Any], across: Axis, lane: int, names: Mapping[str | None, int]) -> TimelineBar:
    x, end = across.place(seconds(bar["not_before"])), across.place(min(seconds(bar["not_after"]), across.high))
    width = round(max(end - x, NARROWEST_BAR), 2)
    return TimelineBar(x, TOP + bar["lane"] * lane, width, max(lane - 2, 3), names[bar["issuer_o"]], bar)


def _stretch(record: Mapping[str, Any], across: Axis) -> Stretch:
    x, end = across.place(seconds(record["start"])), across.place(min(seconds(record["end"]), across.high))
    return Stretch(x, round(max(end - x, NARROWEST_BAR), 2), record)
