"""The friends' workers: who is there, since when, and whether it runs."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ctcollect.harvest import WORKER_CHARACTERS, friend_of
from ctcollect.models import WorkerRow
from ctcollect.store.engine import table_of, upsert, utc_now
from ctcollect.worker_report import WorkerReport

COORDINATOR = "coordinator"
SILENT_SECONDS = 45


@dataclass(frozen=True, slots=True)
class WorkerSign:
    """A sign of life of the worker ``name`` (alice@host), or its good-bye.

    ``clock_ahead_seconds``: by how much its clock is ahead of ours; None when this sign does not tell. ``report`` is
    what it tells of its spool and lanes, if it does.
    ``archives`` are the zip files that it has (ctcollect/holdings.py), None where the sign says nothing of them.
    """

    name: str
    seen_at: datetime
    running: bool = True
    version: str = ""
    queues: str = ""
    clock_ahead_seconds: float | None = None
    report: WorkerReport | None = None
    archives: str | None = None


def note_signs(session: Session, signs: Iterable[WorkerSign]) -> None:
    """Insert or renew workers. The coordinator's own processes are no friends."""
    for sign in sorted(signs, key=lambda each: each.name):
        if friend_of(sign.name) == COORDINATOR:
            continue
        row = _row(sign)
        told = [name for name in ("version", "queues") if row[name]]
        told += ["clock_ahead_seconds"] if sign.clock_ahead_seconds is not None else []
        told += ["archives"] if sign.archives is not None else []
        reported = asdict(sign.report) | {"reported_at": sign.seen_at} if sign.report else {}
        upsert(session, table_of(WorkerRow), [row | reported], replace=["last_seen", "running", *told, *reported])


def count_work(session: Session, worker: str, at: datetime, entries: int, certificates: int) -> None:
    """What a worker has just brought, on top of all that it ever did."""
    row = _row(WorkerSign(worker, at)) | {"entries": entries, "certificates": certificates}
    upsert(session, table_of(WorkerRow), [row], add=["entries", "certificates"])


def _row(sign: WorkerSign) -> dict[str, Any]:
    return {
        "name": sign.name[:WORKER_CHARACTERS],
        "friend": friend_of(sign.name),
        "host": sign.name.partition("@")[2][:191],
        "version": sign.version[:32],
        "queues": sign.queues[:255],
        "archives": sign.archives or "",
        "first_seen": sign.seen_at,
        "last_seen": sign.seen_at,
        "running": sign.running,
        "trust": "trusted",
        "clock_ahead_seconds": sign.clock_ahead_seconds,
    }


def mark_silent(session: Session) -> None:
    """Workers from which nothing was heard for 45 s do not run any more, as far as anyone can tell."""
    since = utc_now() - timedelta(seconds=SILENT_SECONDS)
    session.execute(update(WorkerRow).where(WorkerRow.running, WorkerRow.last_seen < since).values(running=False))


def all_workers(session: Session) -> list[WorkerRow]:
    return list(session.scalars(select(WorkerRow).order_by(WorkerRow.name)))
