"""Which published list holds which log, and when one was last seen there: lists drop logs, rows stay."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from ctcollect.catalogue import ListedBefore, Log
from ctcollect.models import ListingRow
from ctcollect.store.engine import table_of, upsert, utc_now
from ctcollect.store.logs import FROM_LIST, put_logs

# Beside what a list tells, the project knows where the entries of logs that are gone still are.
BUNDLED = (*FROM_LIST, "available_from")


def listed_before(session: Session, list_name: str) -> ListedBefore:
    """What is known of the list from when it was last read."""
    rows = session.scalars(_of_list(list_name).order_by(ListingRow.log_id)).all()
    return ListedBefore(
        present=tuple(row.log_id for row in rows if row.vanished_at is None),
        vanished=tuple(row.log_id for row in rows if row.vanished_at is not None),
    )


def _of_list(list_name: str) -> Select[ListingRow]:
    return select(ListingRow).where(ListingRow.list_name == list_name)


def note_listed(session: Session, list_name: str, log_ids: Iterable[str]) -> None:
    """The list holds these logs, now."""
    now = utc_now()
    rows = [{"list_name": list_name, "log_id": log_id, "last_seen_at": now, "vanished_at": None} for log_id in log_ids]
    upsert(session, table_of(ListingRow), rows, replace=("last_seen_at", "vanished_at"))


def note_vanished(session: Session, list_name: str, still_listed: Iterable[str]) -> None:
    """The list holds no others than these any more."""
    gone = (ListingRow.list_name == list_name, ListingRow.vanished_at.is_(None))
    others = ListingRow.log_id.not_in(list(still_listed))
    session.execute(update(ListingRow).where(*gone, others).values(vanished_at=utc_now()))


def vanished(session: Session) -> dict[str, datetime]:
    """Since when no list holds a log any more that one held before, by log_id."""
    counts = (func.count(), func.count(ListingRow.vanished_at), func.max(ListingRow.vanished_at))
    rows = session.execute(select(ListingRow.log_id, *counts).group_by(ListingRow.log_id))
    return {log_id: since for log_id, lists, vanished_from, since in rows if since and lists == vanished_from}


def put_bundled(session: Session, list_name: str, logs: Iterable[Log]) -> None:
    """Insert or renew bundled logs, except those of which the list has told something newer since.

    A log whose ``last_listed`` is before the newest of them all had vanished from the list by then.
    """
    last_listed = [(log, log.last_listed) for log in logs if log.last_listed]
    newest = max(day for _, day in last_listed)
    told = _told_at(session, list_name)
    fresh = {log: day for log, day in last_listed if told.get(log.log_id, newest) <= newest}
    put_logs(session, fresh, BUNDLED)
    rows = [
        {
            "list_name": list_name,
            "log_id": log.log_id,
            "last_seen_at": day,
            "vanished_at": newest if day < newest else None,
        }
        for log, day in fresh.items()
    ]
    upsert(session, table_of(ListingRow), rows, replace=("last_seen_at", "vanished_at"))


def _told_at(session: Session, list_name: str) -> Mapping[str, datetime]:
    rows = session.scalars(_of_list(list_name))
    return {row.log_id: max(row.last_seen_at, row.vanished_at or datetime.min) for row in rows}
