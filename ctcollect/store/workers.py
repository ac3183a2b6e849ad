"""The friends' workers: who is there, since when, and whether it runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ctcollect.harvest import WORKER_CHARACTERS, friend_of
from ctcollect.models import WorkerRow
from ctcollect.store.engine import table_of, upsert, utc_now

COORDINATOR = "coordinator"
SILENT_SECONDS = 45


@dataclass(frozen=True, slots=True)
class WorkerSign:
    """A sign of life of the worker ``name`` (alice@host), or its good-bye.

    ``archives`` are the zip files that it has (ctcollect/holdings.py), None where the sign says nothing of them.
    """

    name: str
    seen_at: datetime
    running: bool = True
    version: str = ""
    queues: str = ""
    archives: str | None = None


def note_signs(session: Session, signs: Iterable[WorkerSign]) -> None:
    """Insert or renew workers. The coordinator's own processes are no friends."""
    for sign in sorted(signs, key=lambda each: each.name):
        if friend_of(sign.name) == COORDINATOR:
            continue
        row = {
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
        }
        told = [name for name in ("version", "queues") if row[name]] + ["archives"] * (sign.archives is not None)
        upsert(session, table_of(WorkerRow), [row], replace=["last_seen", "running", *told])


def mark_silent(session: Session) -> None:
    """Workers from which nothing was heard for 45 s do not run any more, as far as anyone can tell."""
    since = utc_now() - timedelta(seconds=SILENT_SECONDS)
    session.execute(update(WorkerRow).where(WorkerRow.running, WorkerRow.last_seen < since).values(running=False))


def all_workers(session: Session) -> list[WorkerRow]:
    return list(session.scalars(select(WorkerRow).order_by(WorkerRow.name)))
