"""The days that charts show: all of them, also those on which nothing came."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from ctcollect.store.engine import tokyo_day, utc_now


def last_days(count: int) -> list[str]:
    """The last ``count`` days in Asia/Tokyo as 2024-01-31, today as the last one."""
    today = tokyo_day(utc_now())
    return [(today - timedelta(days=ago)).isoformat() for ago in reversed(range(count))]


def by_day(rows: Iterable[Mapping[str, Any]], field: str, days: Iterable[str]) -> list[int]:
    """A field of ``rows``, each of which has its ``day``, on each of ``days``; 0 where there is none."""
    counts = {row["day"]: row[field] for row in rows}
    return [counts.get(day, 0) for day in days]


def short_days(days: Iterable[str]) -> list[str]:
    """Days as month and day, for the ticks of an axis."""
    return [day[5:] for day in days]
