"""The status document of the contract: what is wanted, done, verified, by whom and how fast. Counts are of entries."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ctcollect.models import (
    DailyCountRow,
    LeaseRow,
    LogRow,
    PaceCountRow,
    WindowRow,
    WorkerRow,
)
from ctcollect.ranges import Span
from ctcollect.store import refused
from ctcollect.store.archive_holders import waiting_for
from ctcollect.store.formats import share
from ctcollect.store.listings import vanished
from ctcollect.store.logs import all_logs
from ctcollect.store.second_opinions import check_counts
from ctcollect.store.standing import found_in, standing
from ctcollect.store.trust import UNTRUSTED
from ctcollect.store.windows import all_followed
from ctcollect.store.workers import all_workers

PACE_SECONDS = 60


def status_document(session: Session) -> dict[str, Any]:
    """{"as_of", "totals": {...}, "logs": [...], "workers": [...], "second_opinions": {...}} as JSON values."""
    log_speeds, worker_speeds = _speeds(session)
    windows, out, gone, follows = _windows(session), _out(session), vanished(session), all_followed(session)
    waiting = waiting_for(session)
    logs = [
        _log(row, windows.get(row.log_id, []), out, log_speeds)
        | standing(row, gone.get(row.log_id))
        | {"follows": follows.get(row.log_id, []), "waiting_for": waiting.get(row.log_id)}
        for row in all_logs(session)
    ]
    workers = _workers(session, worker_speeds)
    totals = _totals(session, logs, workers)
    return {
        "as_of": datetime.now(UTC).isoformat(timespec="seconds"),
        "totals": totals,
        "logs": logs,
        "workers": workers,
        "second_opinions": _second_opinions(session, workers),
    }


def _second_opinions(session: Session, workers: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts by state, and whether the check is possible at all: it needs two friends."""
    friends = {worker["friend"] for worker in workers if worker["running"] and worker["trust"] != UNTRUSTED}
    return {**check_counts(session), "possible": len(friends) > 1}


def seconds_left(session: Session) -> dict[str, float]:
    """By name, how long each log that is being read will take at the present speed of the whole fleet."""
    speeds, _ = _speeds(session)
    wanted = {log_id: sum(map(len, spans)) for log_id, spans in _windows(session).items()}
    left = {
        log.name: _eta(wanted.get(log.log_id, 0) - log.entries_done, speeds.get(log.log_id, 0.0))
        for log in all_logs(session)
    }
    return {name: seconds for name, seconds in left.items() if seconds}


def check_tables(session: Session) -> None:
    """Returns when the database answers and has the tables; the session's Store raises StoreUnavailable if not."""
    session.execute(select(LogRow.log_id).limit(1))


def _windows(session: Session) -> dict[str, list[Span]]:
    spans: dict[str, list[Span]] = {}
    for row in session.scalars(select(WindowRow).order_by(WindowRow.log_id, WindowRow.start_index)):
        spans.setdefault(row.log_id, []).append(Span(row.start_index, row.end_index))
    return spans


def _out(session: Session) -> dict[str, int]:
    length = func.sum(LeaseRow.end_index - LeaseRow.start_index)
    rows = session.execute(select(LeaseRow.log_id, length).group_by(LeaseRow.log_id))
    return {log_id: int(entries) for log_id, entries in rows}


def _speeds(session: Session) -> tuple[dict[str, float], dict[str, float]]:
    """Entries per second of each log and each worker over the last minute, or since the first entry in it."""
    now = time.time()
    recent = select(PaceCountRow).where(PaceCountRow.bucket_start > now - PACE_SECONDS, PaceCountRow.entries > 0)
    logs: dict[str, list[PaceCountRow]] = {}
    workers: dict[str, list[PaceCountRow]] = {}
    for row in session.scalars(recent):
        logs.setdefault(row.log_id, []).append(row)
        workers.setdefault(row.worker, []).append(row)
    return {key: _speed(rows, now) for key, rows in logs.items()}, {k: _speed(rows, now) for k, rows in workers.items()}


def forget_speeds(session: Session, older_than_seconds: float) -> None:
    """Delete the counts from which nobody tells a present speed any more."""
    session.execute(delete(PaceCountRow).where(PaceCountRow.bucket_start < time.time() - older_than_seconds))


def _speed(rows: Sequence[PaceCountRow], now: float) -> float:
    seconds = max(now - min(row.bucket_start for row in rows), 1.0)
    return round(sum(row.entries for row in rows) / seconds, 1)


def _log(row: LogRow, window: list[Span], out: dict[str, int], speeds: dict[str, float]) -> dict[str, Any]:
    wanted = sum(map(len, window))
    speed = speeds.get(row.log_id, 0.0)
    left = wanted - row.entries_done
    return {
        "name": row.name,
        "log_id": row.log_id,
        "operator": row.operator,
        "queue": row.queue,
        "kind": row.kind,
        "enabled": row.enabled,
        "paused": row.paused,
        "fault": row.last_fault,
        "tree_size": row.tree_size,
        "window": [[span.start, span.end] for span in window],
        "wanted": wanted,
        "out": out.get(row.log_id, 0),
        "done": row.entries_done,
        "verified": row.entries_verified,
        "malformed": row.malformed,
        "open_ranges": row.open_ranges,
        "certificates": found_in(row, row.certificates),
        "sightings": found_in(row, row.sightings),
        "jp_share": share(row.sightings, row.entries_done),
        "entries_per_second": speed,
        "eta_seconds": None if row.unobtainable_since else _eta(left, speed),
    }


def _eta(left: int, speed: float) -> float | None:
    if left <= 0:
        return 0.0
    return round(left / speed, 1) if speed else None


def _workers(session: Session, speeds: dict[str, float]) -> list[dict[str, Any]]:
    return [_worker(row, speeds) for row in all_workers(session)]


def _worker(row: WorkerRow, speeds: dict[str, float]) -> dict[str, Any]:
    return {
        "name": row.name,
        "friend": row.friend,
        "running": row.running,
        "first_seen": row.first_seen.replace(tzinfo=UTC).isoformat(timespec="seconds"),
        "last_seen": row.last_seen.replace(tzinfo=UTC).isoformat(timespec="seconds"),
        "version": row.version,
        "trust": row.trust,
        "entries": row.entries,
        "certificates": row.certificates,
        "clock_ahead_seconds": row.clock_ahead_seconds,
        "entries_per_second": speeds.get(row.name, 0.0),
    }


def _totals(session: Session, logs: list[dict[str, Any]], workers: list[dict[str, Any]]) -> dict[str, Any]:
    summed = ("wanted", "out", "done", "verified", "malformed", "sightings", "open_ranges")
    totals: dict[str, Any] = {name: sum(log[name] or 0 for log in logs) for name in summed}
    totals["certificates"] = int(session.scalar(select(func.sum(DailyCountRow.registered))) or 0)
    totals["refused_harvests"] = refused.count(session)
    totals["workers_running"] = sum(worker["running"] for worker in workers)
    totals["entries_per_second"] = round(sum(log["entries_per_second"] for log in logs), 1)
    totals["eta_seconds"] = _eta(totals["wanted"] - totals["done"], totals["entries_per_second"])
    return totals
