"""What a window means in one log: the spans that are wanted of it now, and whether it grows with the log."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ctcollect.catalogue import rule_of
from ctcollect.coordinator.context import Context
from ctcollect.coordinator.final_heads import collectable_size
from ctcollect.coordinator.log_time import LogTime
from ctcollect.errors import ConfigurationError
from ctcollect.models import LogRow
from ctcollect.ranges import Span
from ctcollect.seasons import Period, seasons_between, tokyo_time
from ctcollect.store import utc_now
from ctcollect.window import DEC_JAN, FULL, Window


class Found(NamedTuple):
    """A window in a log as it stands.

    ``spans`` are in order and may be none. ``open_windows`` are the texts of the periods in it that the log may
    still add entries to. ``first_ms`` and ``last_ms``: the log's own first and last timestamps, None when nobody
    had to look.
    """

    spans: tuple[Span, ...]
    open_windows: tuple[str, ...] = ()
    first_ms: int | None = None
    last_ms: int | None = None

    @property
    def life(self) -> str:
        """From when to when the log's entries are, for a line."""
        return " to ".join(f"{tokyo_time(each or 0):%Y-%m-%d}" for each in (self.first_ms, self.last_ms))


def find(context: Context, log: LogRow, window: Window) -> Found:
    """ConfigurationError for an empty log or a span that begins behind its end; CtcollectError if it can't be read."""
    if collectable_size(log) == 0:
        raise ConfigurationError("the log is empty: there is nothing to collect yet")
    if window.text == FULL:
        return Found((Span(0, collectable_size(log)),))
    if window.indices is not None:
        return Found((_inside(window.indices, collectable_size(log)),))
    time = LogTime.of(context, log)
    periods = [window.period] if window.period else _seasons(time)
    covers = [(period, time.cover(period)) for period in periods]
    return Found(
        tuple(span for _, span in covers if span),
        tuple(str(period) for period, _ in covers if is_open(log, period)),
        time.first_ms,
        time.last_ms,
    )


def _inside(span: Span, tree_size: int) -> Span:
    if span.start >= tree_size:
        raise ConfigurationError(f"the window {span} is not inside the log, which holds {Span(0, tree_size)}")
    return Span(span.start, min(span.end, tree_size))


def _seasons(time: LogTime) -> list[Period]:
    """Every season of which the log may hold an entry."""
    slack = time.merge_delay_ms
    return seasons_between(tokyo_time(time.first_ms - slack), tokyo_time(time.last_ms + slack))


def grows(log: LogRow) -> bool:
    """Whether entries may still come, by the table of states: as they stood a merge delay ago.

    So late the last entry is merged that the log took before its state ended that.
    """
    follow = rule_of(log, utc_now() - timedelta(seconds=log.mmd_seconds)).follow
    is_at_its_end = follow == "final" and log.final_tree_size is not None and log.tree_size >= log.final_tree_size
    return follow != "no" and not is_at_its_end


def is_open(log: LogRow, period: Period) -> bool:
    """Whether entries of the period may still come: the log grows, and its head is not a merge delay behind its end.

    A head of time t holds every entry that the log promised before t - MMD (RFC 6962 section 3).
    """
    return grows(log) and _head_ms(log) < period.end_ms + 1000 * log.mmd_seconds


def _head_ms(log: LogRow) -> int:
    return round(log.head_timestamp.replace(tzinfo=UTC).timestamp() * 1000) if log.head_timestamp else 0


def is_final(log: LogRow, window: Window) -> bool:
    """Whether the window can grow no more."""
    if not grows(log):
        return True
    if window.period is not None:
        return not is_open(log, window.period)
    return window.indices is not None and window.indices.end <= collectable_size(log)


def check(log: LogRow, window: Window, *, grows: bool, now: datetime) -> None:
    """ConfigurationError for what the log can't hold yet: a period that has not begun, entries behind its end."""
    if window.period is not None and window.period.start > now:
        raise ConfigurationError(f"{window.text} is in the future: no entry can have been logged then")
    if window.indices is not None and not grows and window.indices.end > collectable_size(log) > 0:
        raise ConfigurationError(
            f"the window {window.indices} is not inside the log, which holds {Span(0, collectable_size(log))}"
        )


def nothing_found(log: LogRow, window: Window, found: Found) -> str:
    """Why the window is empty, in a line."""
    what = "of no December or January" if window.text == DEC_JAN else f"none of {window.text}"
    return f"{log.name} holds entries of {found.life}, {what}: there is nothing to collect"
