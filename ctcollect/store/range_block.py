"""The ranges of one block of a log's map, each with what is done of it, by whom and when."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ctcollect.models import OPEN, DeliveryRow, LeaseRow, RangeRow
from ctcollect.ranges import RANGE_ENTRIES, Span, UnitBitmap, unit_count
from ctcollect.store.formats import utc_text
from ctcollect.store.logs import log_named
from ctcollect.store.range_map import OUT

RANGES_AT_MOST = 64


def range_block(session: Session, name: str, start: int, end: int, limit: int = RANGES_AT_MOST) -> dict[str, Any]:
    """{"log", "ranges": [...], "next"}: the wanted ranges that begin in [``start``, ``end``), at most 64 a page.

    A range: ``start``, ``end``, ``state`` (open, out, full, verified), ``units``, ``units_done``, ``attempts`` (how
    often something of it was issued), ``audit_attempts``, ``verified_at``, ``brought_at``, ``friends``: [{"friend",
    "entries", "last_at"}], who brought most first. ``next`` is the ``start`` of the next page, None on the last one.
    ConfigurationError when there is no such log.
    """
    log_id, limit = log_named(session, name).log_id, max(1, min(limit, RANGES_AT_MOST))
    columns = (
        RangeRow.start_index, RangeRow.end_index, RangeRow.state, RangeRow.units_done, RangeRow.attempts,
        RangeRow.audit_attempts, RangeRow.verified_at, RangeRow.brought_at,
    )  # fmt: skip
    inside = (RangeRow.log_id == log_id, RangeRow.start_index >= start, RangeRow.start_index < end)
    rows = session.execute(select(*columns).where(*inside).order_by(RangeRow.start_index).limit(limit + 1)).all()
    shown = rows[:limit]
    friends, out = _friends(session, log_id, shown), _out(session, log_id, shown)
    ranges = [_range(row, row.start_index in out) | {"friends": friends.get(row.start_index, [])} for row in shown]
    return {"log": name, "ranges": ranges, "next": rows[limit].start_index if len(rows) > limit else None}


def _range(row: Any, is_out: bool) -> dict[str, Any]:
    span = Span(row.start_index, row.end_index)
    return {
        "start": span.start,
        "end": span.end,
        "state": OUT if row.state == OPEN and is_out else row.state,
        "units": unit_count(span),
        "units_done": UnitBitmap(span, row.units_done).bits.bit_count(),
        "attempts": row.attempts,
        "audit_attempts": row.audit_attempts,
        "verified_at": utc_text(row.verified_at),
        "brought_at": utc_text(row.brought_at),
    }


def _friends(session: Session, log_id: str, rows: Sequence[Any]) -> dict[int, list[dict[str, Any]]]:
    if not rows:
        return {}
    entries = func.sum(DeliveryRow.end_index - DeliveryRow.start_index)
    first, last = rows[0].start_index, rows[-1].start_index
    inside = (DeliveryRow.log_id == log_id, DeliveryRow.range_start >= first, DeliveryRow.range_start <= last)
    columns = (DeliveryRow.range_start, DeliveryRow.friend, entries, func.max(DeliveryRow.recorded_at))
    grouped = select(*columns).where(*inside).group_by(DeliveryRow.range_start, DeliveryRow.friend)
    found: dict[int, list[dict[str, Any]]] = {}
    for start, friend, count, last_at in session.execute(grouped.order_by(entries.desc(), DeliveryRow.friend)):
        brought = {"friend": friend, "entries": int(count), "last_at": utc_text(last_at)}
        found.setdefault(start, []).append(brought)
    return found


def _out(session: Session, log_id: str, rows: Sequence[Any]) -> set[int]:
    """The ranges of which something is with a worker or in a queue."""
    if not rows:
        return set()
    first, end = rows[0].start_index, rows[-1].start_index + RANGE_ENTRIES
    inside = (LeaseRow.log_id == log_id, LeaseRow.start_index >= first, LeaseRow.start_index < end)
    return set(session.scalars(select(LeaseRow.range_start).where(*inside).distinct()))
