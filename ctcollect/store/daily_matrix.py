"""Certificates per day by log, as compact as a chart wants it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ctcollect.models import DailyCountRow
from ctcollect.store.engine import tokyo_day, utc_now

MOST_DAYS = 366
FIGURES = ("registered", "uploaded", "entries")


def daily_matrix(session: Session, days: int = 30, figure: str = "registered") -> dict[str, Any]:
    """{"days": ["2026-11-22", ...], "figure", "logs": [{"log", "counts": [...]}]}, the last day is today in Asia/Tokyo.

    ``days`` from 1 to 366. ``figure``: "registered" (certificates that are new to the collection), "uploaded" (.jp
    entries) or "entries" (read); KeyError for another. Logs by name, those without any count left out. 0 is a day on
    which nothing came.
    """
    column = {each: getattr(DailyCountRow, each) for each in FIGURES}[figure]
    count = max(1, min(days, MOST_DAYS))
    first = tokyo_day(utc_now()) - timedelta(days=count - 1)
    rows = session.execute(
        select(DailyCountRow.day, DailyCountRow.log_name, column).where(DailyCountRow.day >= first, column != 0)
    )
    logs: dict[str, list[int]] = {}
    for day, log_name, number in rows:
        at = (day - first).days
        if at < count:  # a clock that was ahead may have left a day of tomorrow
            logs.setdefault(log_name, [0] * count)[at] = number
    return {
        "days": [(first + timedelta(days=number)).isoformat() for number in range(count)],
        "figure": figure,
        "logs": [{"log": name, "counts": counts} for name, counts in sorted(logs.items())],
    }
