"""What a person asks for of a log, as text and as a value: the whole, seasons, days or indices."""

import re
from typing import NamedTuple

from ctcollect.errors import ConfigurationError
from ctcollect.ranges import Span
from ctcollect.seasons import Period, parse_days

FULL, DEC_JAN = "full", "dec-jan"
INDICES = re.compile(r"(\d{1,15}):(\d{1,15})")


class Window(NamedTuple):
    """``indices`` or ``period`` is set for START:END and FROM..TO, neither for "full" and "dec-jan"."""

    text: str
    indices: Span | None = None
    period: Period | None = None


def parse_window(text: str) -> Window:
    """ConfigurationError unless the text is full, dec-jan, FROM..TO (days) or START:END (indices, half-open)."""
    if text in (FULL, DEC_JAN):
        return Window(text)
    if ".." in text:
        period = parse_days(text)
        return Window(str(period), period=period)
    indices = INDICES.fullmatch(text)
    if indices is None:
        raise ConfigurationError(
            f"{text!r} is no window: give 'full', 'dec-jan', FROM..TO (days, as 2023-12-01..2024-01-31) or START:END "
            "(entries START up to but not END)"
        )
    span = Span(int(indices[1]), int(indices[2]))
    if span.start >= span.end:
        raise ConfigurationError(f"the window {span} is empty")
    return Window(text, indices=span)
