"""One friend: the workers, the credit in all and by log, the history by day."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ctcollect.errors import ConfigurationError
from ctcollect.models import CreditDayRow, CreditRow, CreditTotalRow, LogRow, WorkerRow
from ctcollect.store.engine import tokyo_day, utc_now
from ctcollect.store.friend_figures import friend_now, rates_by_queue, worker_now
from ctcollect.store.leaderboard import standings

DAYS_AT_MOST = 3660


def friend_document(session: Session, friend: str) -> dict[str, Any]:
    """{"friend", "standings", "workers": [...], "logs": [...]} and what friends_now() tells of one.

    ``standings`` by period ("24h", "7d", "all"): rank and credit, as the leaderboard has them; ``workers`` as
    worker_now() tells of them, ``logs``: [{"log", "entries", "certificates"}] of the credit, most entries first.
    ConfigurationError when nobody of this name has ever run a worker.
    """
    rows = session.scalars(select(WorkerRow).where(WorkerRow.friend == friend).order_by(WorkerRow.name)).all()
    if not rows and session.get(CreditTotalRow, friend) is None:
        raise ConfigurationError(f"there is no friend named {friend!r:.80}")
    rates = rates_by_queue(session)
    summary = friend_now(rows, rates) if rows else {}
    return {
        **summary,
        "friend": friend,
        "standings": standings(session, friend),
        "workers": [worker_now(row, rates) for row in rows],
        "logs": _logs(session, friend),
    }


def _logs(session: Session, friend: str) -> list[dict[str, Any]]:
    entries, certificates = func.sum(CreditRow.entries), func.sum(CreditRow.certificates)
    credit = select(CreditRow.log_id, entries.label("entries"), certificates.label("certificates"))
    mine = credit.where(CreditRow.friend == friend).group_by(CreditRow.log_id).subquery()
    named = select(LogRow.name, mine.c.entries, mine.c.certificates).join(mine, mine.c.log_id == LogRow.log_id)
    rows = session.execute(named.where(mine.c.entries > 0).order_by(mine.c.entries.desc(), LogRow.name))
    return [{"log": name, "entries": int(brought), "certificates": int(new)} for name, brought, new in rows]


def friend_history(session: Session, friend: str, days: int = 365) -> list[dict[str, Any]]:
    """[{"day", "entries", "certificates"}] of the last ``days`` (in Asia/Tokyo) that have any credit, the earliest
    first; [] for somebody who has none."""
    first = tokyo_day(utc_now()) - timedelta(days=max(1, min(days, DAYS_AT_MOST)) - 1)
    mine = (CreditDayRow.friend == friend, CreditDayRow.day >= first, CreditDayRow.entries > 0)
    rows = session.scalars(select(CreditDayRow).where(*mine).order_by(CreditDayRow.day))
    return [{"day": row.day.isoformat(), "entries": row.entries, "certificates": row.certificates} for row in rows]
