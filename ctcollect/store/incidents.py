"""What went wrong, counted by day and subject: that an audit failed on Tuesday is still known on Thursday."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ctcollect.models import IncidentRow
from ctcollect.store.engine import table_of, tokyo_day, upsert, utc_now

# The subject of the first three is a log's name.
AUDIT_FAILED, HEAD_STEPPED_BACK, HEAD_REFUSED = "audit_failed", "head_stepped_back", "head_refused"
WRITE_FAILED = "write_failed"
SUBJECT_CHARACTERS = 191


@dataclass(frozen=True, slots=True)
class Incident:
    """How often something went wrong with ``subject`` since a day; times are UTC without zone."""

    kind: str
    subject: str
    times: int
    first_at: datetime
    last_at: datetime


def note_incident(session: Session, kind: str, subject: str, times: int = 1, first_at: datetime | None = None) -> None:
    """It went wrong again, the last time now; ``first_at`` when the ``times`` began earlier."""
    now = utc_now()
    row = {
        "day": tokyo_day(now),
        "kind": kind,
        "subject": subject[:SUBJECT_CHARACTERS],
        "times": times,
        "first_at": first_at or now,
        "last_at": now,
    }
    upsert(session, table_of(IncidentRow), [row], replace=["last_at"], add=["times"])


def incidents_of(session: Session, days: int) -> list[Incident]:
    """One for each kind and subject, over today and the days before it, ``days`` in all."""
    first = tokyo_day(utc_now()) - timedelta(days=days - 1)
    sums = (func.sum(IncidentRow.times), func.min(IncidentRow.first_at), func.max(IncidentRow.last_at))
    keys = (IncidentRow.kind, IncidentRow.subject)
    columns: tuple[Any, ...] = (*keys, *sums)
    rows = session.execute(select(*columns).where(IncidentRow.day >= first).group_by(*keys).order_by(*keys))
    return [Incident(kind, subject, int(times), since, last) for kind, subject, times, since, last in rows]
