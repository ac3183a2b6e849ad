"""What a log's page draws over time: heads, days, and the entries that nobody can read."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ctcollect.models import DailyCountRow, MalformedRow, TreeHeadRow
from ctcollect.store.engine import by_index, tokyo_day, utc_now
from ctcollect.store.formats import utc_text
from ctcollect.store.logs import log_named

POINTS_AT_MOST = 1000
DAYS_AT_MOST = 3660
PAGE_AT_MOST = 1000
DAY_MS = 86_400_000
HEADS_INDEX = ("log_id", "timestamp_ms")


def head_history(session: Session, name: str, days: int = 30, points: int = 200) -> list[dict[str, Any]]:
    """[{"timestamp", "tree_size"}] of a log's verified heads of the last ``days``, the earliest first.

    First comes the last one before them, which was in force when they began. Of the others at most ``points`` + 1
    (``points`` at most 1,000): the last one of each stretch of equal length, by the time that the log gives its heads.
    ConfigurationError when there is no such log.
    """
    log_id, timestamp = log_named(session, name).log_id, TreeHeadRow.timestamp_ms
    span_ms = _bounded(days, DAYS_AT_MOST) * DAY_MS
    stretch_ms, since_ms = span_ms // _bounded(points, POINTS_AT_MOST), _now_ms() - span_ms
    last = select(func.max(timestamp), func.max(TreeHeadRow.tree_size)).where(TreeHeadRow.log_id == log_id)
    # Not by a quotient: MySQL's has four decimals.
    stretches = last.where(timestamp >= since_ms).group_by(timestamp - timestamp % stretch_ms)
    rows = [*session.execute(by_index(stretches, TreeHeadRow, *HEADS_INDEX))]
    before = select(timestamp, TreeHeadRow.tree_size).where(TreeHeadRow.log_id == log_id, timestamp < since_ms)
    newest = before.order_by(timestamp.desc(), TreeHeadRow.tree_size.desc()).limit(1)
    rows += session.execute(by_index(newest, TreeHeadRow, *HEADS_INDEX))
    return [{"timestamp": utc_text(_moment(ms)), "tree_size": size} for ms, size in sorted(map(tuple, rows))]


def log_days(session: Session, name: str, days: int = 90) -> list[dict[str, Any]]:
    """[{"day", "entries", "uploaded", "registered"}] of a log's last ``days`` (in Asia/Tokyo), the earliest first.

    Days on which nothing came are not in it. ConfigurationError when there is no such log.
    """
    first = tokyo_day(utc_now()) - timedelta(days=_bounded(days, DAYS_AT_MOST) - 1)
    mine = (DailyCountRow.log_name == log_named(session, name).name, DailyCountRow.day >= first)
    rows = session.scalars(select(DailyCountRow).where(*mine).order_by(DailyCountRow.day))
    return [
        {"day": row.day.isoformat(), "entries": row.entries, "uploaded": row.uploaded, "registered": row.registered}
        for row in rows
    ]


def malformed_page(session: Session, name: str, after: int = -1, limit: int = 100) -> dict[str, Any]:
    """{"malformed": [{"index", "reason", "bytes"}], "next"}: a log's unreadable entries behind index ``after``.

    ``next`` is the ``after`` of the next page, None on the last one; ``bytes`` is the leaf's length; at most 1,000
    a page. ConfigurationError when there is no such log.
    """
    limit = _bounded(limit, PAGE_AT_MOST)
    columns = (MalformedRow.leaf_index, MalformedRow.reason, func.length(MalformedRow.leaf))
    mine = (MalformedRow.log_id == log_named(session, name).log_id, MalformedRow.leaf_index > after)
    rows = session.execute(select(*columns).where(*mine).order_by(MalformedRow.leaf_index).limit(limit + 1)).all()
    found = [{"index": index, "reason": reason, "bytes": size} for index, reason, size in rows[:limit]]
    return {"malformed": found, "next": found[-1]["index"] if len(rows) > limit else None}


def _bounded(number: int, highest: int) -> int:
    return max(1, min(number, highest))


def _now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


def _moment(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)
