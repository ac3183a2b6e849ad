"""The friends' workers: who is there, since when, and whether it runs."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, NamedTuple

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


class Work(NamedTuple):
    """What a worker has just brought, with the sign of life that this is."""

    sign: WorkerSign
    entries: int
    certificates: int


def note_signs(session: Session, signs: Iterable[WorkerSign]) -> None:
    """Insert or renew workers. The coordinator's own processes are no friends."""
    _put(session, [(sign, {}) for sign in signs if friend_of(sign.name) != COORDINATOR])


def count_work(session: Session, works: Iterable[Work]) -> None:
    """Add what friends' workers have just brought to all that they ever did; it is a sign of life, too."""
    _put(session, [(work.sign, {"entries": work.entries, "certificates": work.certificates}) for work in works])


def _put(session: Session, signs: Sequence[tuple[WorkerSign, dict[str, int]]]) -> None:
    """Each sign with counts to add, in as few statements as there are kinds of signs."""
    kinds: dict[tuple[tuple[str, ...], tuple[str, ...]], list[dict[str, Any]]] = {}
    for sign, counts in sorted(signs, key=lambda each: each[0].name):
        report = asdict(sign.report) | {"reported_at": sign.seen_at} if sign.report else {}
        kinds.setdefault((_told(sign), tuple(counts)), []).append(_row(sign) | report | counts)
    names = {row["name"] for rows in kinds.values() for row in rows}
    # In order: else two who write the same workers in several statements would wait for each other.
    mine = select(WorkerRow.name).where(WorkerRow.name.in_(names)).order_by(WorkerRow.name)
    session.execute(mine.with_for_update())
    for (told, counted), rows in kinds.items():
        upsert(session, table_of(WorkerRow), rows, replace=["last_seen", "running", *told], add=counted)


def _told(sign: WorkerSign) -> tuple[str, ...]:
    """The columns of which this sign says something."""
    told = [name for name in ("version", "queues") if getattr(sign, name)]
    told += [name for name in ("clock_ahead_seconds", "archives") if getattr(sign, name) is not None]
    reported = [*(each.name for each in fields(sign.report)), "reported_at"] if sign.report else []
    return (*told, *reported)


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
