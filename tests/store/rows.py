"""Single rows, as the coordinator would have left them, for tests of what is read from many."""

from datetime import timedelta
from typing import Any

from ctcollect.models import DailyCountRow, DeliveryRow, LogRow, MalformedRow, TreeHeadRow
from ctcollect.ranges import RANGE_ENTRIES, Span
from ctcollect.store import Session, utc_now
from ctcollect.store.engine import tokyo_day
from ctcollect.store.logs import log_named


def add_log(session: Session, name: str, **columns: Any) -> LogRow:
    """A log of its own name's log_id."""
    row: dict[str, Any] = {"name": name, "operator": "Demo", "queue": "google", "kind": "rfc6962", "key": b"key"}
    row |= {"url": "https://demo.example/", "batch_entries": 32, "subrange_entries": 1024}
    log = LogRow(log_id=name.encode().hex().ljust(64, "0"), **row | columns)
    session.add(log)
    session.flush()
    return log


def add_delivery(session: Session, log: LogRow, friend: str, span: Span) -> None:
    """A span that a friend brought just now."""
    where = {"start_index": span.start, "end_index": span.end, "range_start": span.start - span.start % RANGE_ENTRIES}
    who = {"worker": f"{friend}@host", "friend": friend, "nodes": [], "recorded_at": utc_now()}
    session.add(DeliveryRow(log_id=log.log_id, **where, **who))


def add_head(session: Session, log: str, size: int, hours_ago: float) -> None:
    """A head that the log gave so many hours ago."""
    at = utc_now() - timedelta(hours=hours_ago)
    head = {"root_hash": "00" * 32, "timestamp_ms": int((at - at.min).total_seconds() * 1000) - 62_135_596_800_000}
    session.add(TreeHeadRow(log_id=log_named(session, log).log_id, tree_size=size, signature=b"", seen_at=at, **head))


def add_day(session: Session, log: str, days_ago: int, entries: int) -> None:
    """What was read of a log on a day in Asia/Tokyo."""
    day = tokyo_day(utc_now()) - timedelta(days=days_ago)
    session.add(DailyCountRow(day=day, log_name=log, entries=entries, uploaded=1, registered=1))


def add_malformed(session: Session, log: str, index: int, leaf: bytes) -> None:
    """An entry that nobody can read."""
    log_id = log_named(session, log).log_id
    session.add(MalformedRow(log_id=log_id, leaf_index=index, reason="it is not", leaf=leaf))
