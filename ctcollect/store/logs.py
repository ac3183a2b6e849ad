"""The table of logs and their verified heads."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ctcollect.catalogue import Log
from ctcollect.errors import ConfigurationError
from ctcollect.models import LeaseRow, LogRow, TreeHeadRow
from ctcollect.protocol.rfc6962 import SignedTreeHead
from ctcollect.store.engine import table_of, upsert, utc_now

FIRST_REST_SECONDS = 5.0
LONGEST_REST_SECONDS = 3600.0
# What a list may change of a log that is known; its name, its counters and its switches stay.
FROM_LIST = (
    "description", "operator", "queue", "kind", "url", "key", "mmd_seconds", "state", "state_since",
    "interval_start", "interval_end",
)  # fmt: skip


def put_logs(session: Session, logs: Iterable[Log]) -> list[str]:
    """Insert logs or renew what the list says of those that are known by log_id. Returns their names.

    A name that another log holds gets the first eight digits of the log_id behind it.
    """
    known = {row.log_id: row.name for row in session.scalars(select(LogRow))}
    rows, taken = [], set(known.values())
    for log in logs:
        name = known.get(log.log_id) or _free_name(log, taken)
        taken.add(name)
        rows.append(_row(replace(log, name=name)))
    upsert(session, table_of(LogRow), rows, replace=FROM_LIST)
    return [str(row["name"]) for row in rows]


def _free_name(log: Log, taken: set[str]) -> str:
    return f"{log.name}-{log.log_id[:8]}" if log.name in taken else log.name


def _row(log: Log) -> dict[str, object]:
    values = asdict(log)
    values.pop("final_tree_size")
    values.pop("final_root_hash")
    return values


def all_logs(session: Session) -> Sequence[LogRow]:
    """Every log, by queue and name."""
    return session.scalars(select(LogRow).order_by(LogRow.queue, LogRow.name)).all()


def log_named(session: Session, name: str) -> LogRow:
    """ConfigurationError when there is no such log."""
    row = session.scalar(select(LogRow).where(LogRow.name == name))
    if row is None:
        raise ConfigurationError(f"there is no log named {name!r}: see 'ctcollect logs list'")
    return row


def set_switch(
    session: Session, names: Sequence[str], *, enabled: bool | None = None, paused: bool | None = None
) -> None:
    """Turn logs on or off, or pause and resume them; ConfigurationError, and no change, if one is unknown."""
    for row in [log_named(session, name) for name in names]:
        row.enabled = row.enabled if enabled is None else enabled
        row.paused = row.paused if paused is None else paused


def paused_with_orders_out(session: Session) -> list[str]:
    """The log_id of each paused log of which orders wait in a queue or are with a worker."""
    out = select(LeaseRow.log_id)
    return list(session.scalars(select(LogRow.log_id).where(LogRow.paused, LogRow.log_id.in_(out))))


def put_head(session: Session, log_id: str, head: SignedTreeHead) -> bool:
    """Keep a head that was verified against the log's present one, and make it the log's own.

    Returns False, and keeps nothing, for a head that went backwards: front ends lag behind each other.
    """
    log = session.get_one(LogRow, log_id, with_for_update=True)
    if head.tree_size < log.tree_size:
        return False
    row = {
        "log_id": log_id, "tree_size": head.tree_size, "root_hash": head.root_hash.hex(),
        "timestamp_ms": head.timestamp_ms, "signature": head.signature, "seen_at": utc_now(),
    }  # fmt: skip
    upsert(session, table_of(TreeHeadRow), [row])
    log.tree_size = head.tree_size
    log.root_hash = head.root_hash.hex()
    log.head_timestamp = datetime.fromtimestamp(head.timestamp_ms / 1000, UTC).replace(tzinfo=None)
    return True


def mark_reachable(session: Session, log_id: str) -> None:
    """The log has answered: nothing rests any more."""
    log = session.get_one(LogRow, log_id)
    if not log.reachable:
        log.reachable, log.reachable_since = True, utc_now()
    if log.rest_until or log.rest_seconds or log.last_fault:
        log.rest_until, log.rest_seconds, log.last_fault = None, 0.0, None


def note_fault(session: Session, log_id: str, fault: str) -> LogRow:
    """What is wrong with a log, until it is reached again without."""
    log = session.get_one(LogRow, log_id)
    log.last_fault = fault[:255]
    return log


def rest_log(session: Session, log_id: str, fault: str, *, unreachable: bool) -> None:
    """Let a log rest that has failed: twice as long each time, up to an hour. A rest under way is not made longer."""
    log = note_fault(session, log_id, fault)
    if unreachable and log.reachable is not False:
        log.reachable, log.reachable_since = False, utc_now()
    if log.rest_until is None or log.rest_until <= utc_now():
        log.rest_seconds = min(max(FIRST_REST_SECONDS, log.rest_seconds * 2), LONGEST_REST_SECONDS)
        log.rest_until = utc_now() + timedelta(seconds=log.rest_seconds)
