"""How the friends' workers are now: who runs, what with, how fast by queue, what waits in their spools.

Names of machines are the friends' own choice and part of a worker's name; addresses and proxies are nowhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from ctcollect.models import WorkerRow
from ctcollect.store.formats import share, utc_text
from ctcollect.store.rates import Rate, present_rates
from ctcollect.store.trust import SUSPECT, TRUSTED, UNTRUSTED
from ctcollect.store.workers import all_workers

SPOOL = ("spool_harvests", "spool_bytes", "spool_free_bytes")
Rates = Mapping[tuple[str, str], Rate]


def friends_now(session: Session) -> dict[str, dict[str, Any]]:
    """By friend: {"running", "first_seen", "last_seen", "trust", "versions", "workers", "workers_running", "brought",
    "entries_per_second", "requests_per_second", "refused_share", "queues": [...], "spool_harvests", "spool_bytes",
    "spool_free_bytes"}.

    ``brought`` counts entries, verified or not; rates are as Rate has them; ``queues`` are as worker_now() has them;
    the spool's figures are sums, and None where no worker has told any.
    """
    rates = rates_by_queue(session)
    workers: dict[str, list[WorkerRow]] = {}
    for row in all_workers(session):
        workers.setdefault(row.friend, []).append(row)
    return {friend: friend_now(rows, rates) for friend, rows in workers.items()}


def rates_by_queue(session: Session) -> Rates:
    """The present rates by (worker, queue)."""
    return {(rate.worker, rate.queue): rate for rate in present_rates(session)}


def friend_now(rows: Sequence[WorkerRow], rates: Rates) -> dict[str, Any]:
    """A friend, of whom ``rows`` are the workers, as friends_now() tells of one."""
    trusts = {row.trust for row in rows}
    return {
        "running": any(row.running for row in rows),
        "first_seen": utc_text(min(row.first_seen for row in rows)),
        "last_seen": utc_text(max(row.last_seen for row in rows)),
        "trust": next((trust for trust in (UNTRUSTED, SUSPECT) if trust in trusts), TRUSTED),
        "versions": sorted({row.version for row in rows if row.version}),
        "workers": len(rows),
        "workers_running": sum(row.running for row in rows),
        "brought": sum(row.entries for row in rows),
        **_speed([rate for row in rows for rate in _of_worker(row, rates)]),
        "queues": _queues(rows, rates),
        **{name: _sum(getattr(row, name) for row in rows) for name in SPOOL},
    }


def worker_now(row: WorkerRow, rates: Rates) -> dict[str, Any]:
    """{"name", "running", "first_seen", "last_seen", "version", "trust", "entries", "certificates", "reported_at",
    "spool_harvests", "spool_bytes", "spool_free_bytes", "queues": [...]} and rates, as friends_now() has them.

    An element of ``queues``: {"queue", "entries_per_second", "requests_per_second", "refused_share", "lane"}; ``lane``
    is what a running worker tells of it (worker_report.WorkerReport), else None. ``entries`` and ``certificates`` (.jp
    entries) are all that it has brought, verified or not.
    """
    return {
        "name": row.name,
        "running": row.running,
        "first_seen": utc_text(row.first_seen),
        "last_seen": utc_text(row.last_seen),
        "version": row.version,
        "trust": row.trust,
        "entries": row.entries,
        "certificates": row.certificates,
        "reported_at": utc_text(row.reported_at),
        **{name: getattr(row, name) for name in SPOOL},
        **_speed(_of_worker(row, rates)),
        "queues": _queues([row], rates),
    }


def _of_worker(row: WorkerRow, rates: Rates) -> list[Rate]:
    return [rate for (worker, _), rate in rates.items() if worker == row.name]


def _queues(rows: Sequence[WorkerRow], rates: Rates) -> list[dict[str, Any]]:
    """Those that are served, and those of which something came a moment ago."""
    names = {row.name for row in rows}
    served = {queue for row in rows if row.running for queue in row.queues.split(",") if queue}
    worked = {queue for worker, queue in rates if worker in names}
    return [{"queue": queue, **_queue(queue, rows, rates)} for queue in sorted(served | worked)]


def _queue(queue: str, rows: Sequence[WorkerRow], rates: Rates) -> dict[str, Any]:
    found = [rates[row.name, queue] for row in rows if (row.name, queue) in rates]
    lanes = [row.lanes[queue] for row in rows if row.running and row.lanes and queue in row.lanes]
    return _speed(found) | {"lane": _lane(lanes)}


def _lane(lanes: Sequence[Mapping[str, float]]) -> dict[str, float] | None:
    """Several workers' lanes as one, which pauses for as long as all of them do."""
    if not lanes:
        return None
    summed = {name: round(sum(lane[name] for lane in lanes), 3) for name in ("busy", "limit", "requests_per_second")}
    return summed | {"pause_seconds": min(lane["pause_seconds"] for lane in lanes)}


def _speed(rates: Sequence[Rate]) -> dict[str, float | None]:
    return {
        "entries_per_second": round(sum(rate.entries_per_second for rate in rates), 2),
        "requests_per_second": round(sum(rate.requests_per_second for rate in rates), 2),
        "refused_share": share(sum(rate.throttled for rate in rates), sum(rate.requests for rate in rates)),
    }


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
