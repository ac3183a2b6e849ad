"""What was collected day by day, for the API."""

from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from ctcollect.models import DailyCountRow

DayKey = tuple[date, str]


def daily_rows(
    session: Session,
    log_name: str | None = None,
    since: date | None = None,
    until: date | None = None,
    after: DayKey | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """[{"day", "log_name", "entries", "uploaded", "registered"}] as JSON values, by day (in Asia/Tokyo) and log.

    Of the days [since, until), behind the day and log ``after``; each None: no bound.
    """
    day, name = DailyCountRow.day, DailyCountRow.log_name
    counts = (DailyCountRow.entries, DailyCountRow.uploaded, DailyCountRow.registered)
    statement = select(day, name, *counts).order_by(day, name).limit(limit)
    if log_name is not None:
        statement = statement.where(name == log_name)
    if since:
        statement = statement.where(day >= since)
    if until:
        statement = statement.where(day < until)
    if after:
        # The first part alone is what an index can use.
        statement = statement.where(day >= after[0], or_(day > after[0], and_(day == after[0], name > after[1])))
    return [dict(row) | {"day": row["day"].isoformat()} for row in session.execute(statement).mappings()]
