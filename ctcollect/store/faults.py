"""How logs fail: counted by log, day in Asia/Tokyo and kind, with the last sentence of each."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ctcollect.models import LogFaultRow, LogRow
from ctcollect.public_text import public_line
from ctcollect.store.engine import table_of, tokyo_day, upsert, utc_now
from ctcollect.store.formats import utc_text
from ctcollect.store.logs import log_named

ODD_HEAD, OTHER = "OddHead", "Other"
# The errors that tell something of a log; a friend could send any name.
KINDS = {
    "BadAnswer", "BadSignature", "LogUnavailable", "MalformedEntry", "Moved", "NotThere", "NotYet", "Throttled",
    "TreeMismatch", ODD_HEAD,
}  # fmt: skip
FAULTS_AT_MOST = 500


def note(session: Session, log_id: str, kind: str, text: str) -> None:
    """Count a fault of a log, which the session must know; ``text`` may come from anybody."""
    # In the recorder's order: two that hold a log's row and one of these rows would wait for each other.
    session.get_one(LogRow, log_id, with_for_update=True)
    now = utc_now()
    key = {"log_id": log_id, "day": tokyo_day(now), "kind": kind if kind in KINDS else OTHER}
    row = key | {"times": 1, "last_at": now, "last_text": public_line(text)}
    upsert(session, table_of(LogFaultRow), [row], replace=("last_at", "last_text"), add=("times",))


def log_faults(session: Session, name: str, limit: int = 100) -> list[dict[str, Any]]:
    """[{"day", "kind", "times", "last_at", "last_text"}] of a log, the latest day first; ``limit`` at most 500.

    ConfigurationError when there is no such log.
    """
    mine = select(LogFaultRow).where(LogFaultRow.log_id == log_named(session, name).log_id)
    ordered = mine.order_by(LogFaultRow.day.desc(), LogFaultRow.kind)
    return [
        {
            "day": row.day.isoformat(),
            "kind": row.kind,
            "times": row.times,
            "last_at": utc_text(row.last_at),
            "last_text": row.last_text,
        }
        for row in session.scalars(ordered.limit(max(0, min(limit, FAULTS_AT_MOST))))
    ]
