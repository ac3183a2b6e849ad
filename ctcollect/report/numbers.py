"""Figures as people read them. What is not known is a dash, never a zero."""

from ctcollect.analysis.confidence import Interval

NOTHING = "–"


def count(value: float | None) -> str:
    """1,234."""
    return NOTHING if value is None else f"{value:,.0f}"


def share(value: float | None) -> str:
    """12.3%; small ones with more digits, so that 0.04% is not 0.0%."""
    if value is None:
        return NOTHING
    return f"{value * 100:.2g}%" if 0 < abs(value) < 0.01 else f"{value:.1%}"


def number(value: float | None) -> str:
    """Days, renewals a year: 60.25 is 60.2."""
    return NOTHING if value is None else f"{value:,.1f}"


def fraction(value: float | None) -> str:
    """0.67."""
    return NOTHING if value is None else f"{value:.2f}"


def between(interval: Interval | None, shown: str) -> str:
    """``11.0%–13.7%``; empty without an interval. ``shown`` is one of KINDS."""
    return f"{KINDS[shown](interval[0])}–{KINDS[shown](interval[1])}" if interval else ""


KINDS = {"count": count, "share": share, "number": number, "fraction": fraction}
