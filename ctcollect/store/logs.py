"""The table of logs and their verified heads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ctcollect.catalogue import Log, keeps_final_head, rule_of
from ctcollect.errors import ConfigurationError
from ctcollect.models import LeaseRow, LogRow, TreeHeadRow
from ctcollect.protocol.rfc6962 import SignedTreeHead
from ctcollect.public_text import public_line
from ctcollect.store.engine import table_of, upsert, utc_now

FIRST_REST_SECONDS = 5.0
LONGEST_REST_SECONDS = 3600.0
# What a list may change of a log that is known; its name, its counters and its switches stay.
FROM_LIST = (
    "description", "operator", "queue", "kind", "url", "key", "mmd_seconds", "state", "state_since",
    "interval_start", "interval_end", "final_tree_size", "final_root_hash", "log_type", "submission_url",
)  # fmt: skip

# What stays of a log that is read from an archive, whatever a list says of how to read it.
OF_AN_ARCHIVE = ("kind", "queue", "submission_url", "archive", "batch_entries", "subrange_entries")


def put_logs(session: Session, logs: Iterable[Log], replace_columns: Sequence[str] = FROM_LIST) -> list[str]:
    """Insert logs, or renew ``replace_columns`` of those that are known by log_id. Returns their names.

    A name that another log holds gets the first eight digits of the log_id behind it.
    """
    known = known_logs(session)
    rows, taken = [], {log.name for log in known.values()}
    for log in logs:
        listed = as_known(log, known)
        named = replace(listed, name=listed.name if log.log_id in known else _free_name(log, taken))
        taken.add(named.name)
        rows.append(_row(named))
    upsert(session, table_of(LogRow), rows, replace=replace_columns)
    return [str(row["name"]) for row in rows]


def known_logs(session: Session) -> dict[str, Log]:
    """Every log as the lists have described it so far, by log_id."""
    return {row.log_id: _log(row) for row in session.scalars(select(LogRow))}


def as_known(log: Log, known: Mapping[str, Log]) -> Log:
    """``log`` as it would be stored: under the name that it has here, with the final tree head that still holds.

    Lists tell the final head of a readonly log, and no more of it once the log is retired or rejected.
    """
    before = known.get(log.log_id)
    if before is None:
        return log
    log = replace(log, name=before.name)
    if before.kind == "archive" and log.kind != "archive":
        log = replace(log, **{name: getattr(before, name) for name in OF_AN_ARCHIVE})
    if log.final_tree_size is None and keeps_final_head(log.state):
        log = replace(log, final_tree_size=before.final_tree_size, final_root_hash=before.final_root_hash)
    return log


def _free_name(log: Log, taken: set[str]) -> str:
    return f"{log.name}-{log.log_id[:8]}" if log.name in taken else log.name


def _row(log: Log) -> dict[str, object]:
    values = asdict(log)
    values.pop("last_listed")
    values["final_root_hash"] = log.final_root_hash.hex() if log.final_root_hash else None
    return values


def _log(row: LogRow) -> Log:
    values = {each.name: getattr(row, each.name) for each in fields(Log) if each.name != "last_listed"}
    root = values["final_root_hash"]
    return Log(**values | {"final_root_hash": bytes.fromhex(root) if root else None})


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


def row_of(session: Session, log_id: str) -> LogRow | None:
    return session.get(LogRow, log_id)


def put_head(session: Session, log_id: str, head: SignedTreeHead) -> bool:
    """Keep a head that was verified against the log's present one, and make it the log's own.

    Returns False, and keeps nothing, for a head that went backwards: front ends lag behind each other.
    """
    log = session.get_one(LogRow, log_id, with_for_update=True)
    log.probed_at = utc_now()
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


def mark_reachable(session: Session, *log_ids: str) -> None:
    """These logs have answered: nothing rests any more."""
    rests = or_(LogRow.rest_until.is_not(None), LogRow.rest_seconds != 0, LogRow.last_fault.is_not(None))
    changes = or_(LogRow.reachable.is_(None), ~LogRow.reachable, rests)
    for log in session.scalars(select(LogRow).where(LogRow.log_id.in_(log_ids), changes)):
        if not log.reachable:
            log.reachable, log.reachable_since, log.unobtainable_since = True, utc_now(), None
        log.rest_until, log.rest_seconds, log.last_fault = None, 0.0, None


def note_fault(session: Session, log_id: str, fault: str) -> LogRow:
    """What is wrong with a log, until it is reached again without."""
    log = session.get_one(LogRow, log_id)
    log.last_fault = public_line(fault)
    return log


def rest_log(session: Session, log_id: str, fault: str, *, unreachable: bool) -> None:
    """Let a log rest that has failed: twice as long each time, up to an hour. A rest under way is not made longer."""
    log = note_fault(session, log_id, fault)
    if unreachable:
        log.probed_at = utc_now()
        if log.reachable is not False:
            log.reachable, log.reachable_since = False, log.probed_at
    if log.rest_until is None or log.rest_until <= utc_now():
        log.rest_seconds = min(max(FIRST_REST_SECONDS, log.rest_seconds * 2), LONGEST_REST_SECONDS)
        log.rest_until = utc_now() + timedelta(seconds=log.rest_seconds)


def judge_unobtainable(session: Session, log_id: str, after_seconds: float) -> bool:
    """Call a log unobtainable that has failed now and for so long without one answer. True when that is new.

    Until mark_reachable: a log that answers again is unobtainable no more.
    """
    log = session.get_one(LogRow, log_id)
    if log.reachable is not False or log.unobtainable_since or log.reachable_since is None:
        return False
    failing = (log.probed_at or log.reachable_since) - log.reachable_since
    if failing < timedelta(seconds=after_seconds) or rule_of(log, utc_now()).on_failure != "unobtainable":
        return False
    log.unobtainable_since = log.probed_at
    return True


def enabled_logs(session: Session) -> Sequence[LogRow]:
    """By name."""
    return session.scalars(select(LogRow).where(LogRow.enabled).order_by(LogRow.name)).all()


def logs_to_probe(session: Session, every_seconds: float) -> Sequence[LogRow]:
    """Enabled logs whose answer is older than ``every_seconds`` or whose rest is over, the longest waiting first.

    Only those that somebody has planned or probed: nobody's log is asked for nothing.
    """
    now = utc_now()
    is_old = LogRow.probed_at <= now - timedelta(seconds=every_seconds)
    is_due = or_(is_old & LogRow.rest_until.is_(None), LogRow.rest_until <= now)
    return session.scalars(
        select(LogRow).where(LogRow.enabled, LogRow.probed_at.is_not(None), is_due).order_by(LogRow.probed_at)
    ).all()
