"""The friends of benchmarks/made_season.py: their workers, what each has brought, what is with them now."""

import random
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from ctcollect.models import (
    ContributionRow,
    CreditDayRow,
    CreditHourRow,
    CreditRow,
    CreditTotalRow,
    LeaseRow,
    PaceCountRow,
    WorkerRow,
)
from ctcollect.ranges import RANGE_ENTRIES
from ctcollect.store import Session, utc_now
from ctcollect.store.credit import hour_of
from ctcollect.store.engine import tokyo_day

DAYS = 28
ENTRIES_A_DAY = 160_000_000
JP_SHARE = 0.004


class Friend(NamedTuple):
    """A friend with the machines that run her workers, and her share of all that is read; ``away`` since so many
    hours."""

    name: str
    hosts: tuple[str, ...]
    share: float
    away: int = 0


FRIENDS = (
    Friend("sakura", ("attic", "office"), 0.24),
    Friend("kenta", ("nas",), 0.19),
    Friend("mei", ("raspi", "vps-tokyo"), 0.16),
    Friend("haruto", ("desktop",), 0.13),
    Friend("alice", ("laptop",), 0.1, away=7),
    Friend("yui", ("homeserver",), 0.08),
    Friend("bob", ("closet",), 0.06),
    Friend("ren", ("mini",), 0.04, away=90),
)


def add_friends(session: Session, logs: Mapping[str, str], draw: random.Random) -> None:
    """All of them; ``logs`` is the log_id by name."""
    for friend in FRIENDS:
        for host in friend.hosts:
            _add_worker(session, friend, host, draw, is_running=not friend.away)
        session.flush()
        _add_credit(session, friend, logs, draw)
        if not friend.away:
            _add_work(session, friend, logs, draw)


def _add_worker(session: Session, friend: Friend, host: str, draw: random.Random, is_running: bool) -> None:
    seen_at = utc_now() - timedelta(hours=friend.away)
    lane = {"busy": 3, "limit": 4, "requests_per_second": 4.0, "pause_seconds": 0.0}
    brought = int(ENTRIES_A_DAY * DAYS * friend.share / len(friend.hosts))
    row: dict[str, Any] = {"name": f"{friend.name}@{host}", "friend": friend.name, "host": host, "version": "1.0.0"}
    row |= {"queues": "google,cloudflare,digicert,trustasia", "entries": brought, "running": is_running}
    spool = {"spool_harvests": draw.choice((0, 0, 0, 2)), "spool_bytes": 0, "spool_free_bytes": 2**30}
    first_seen = seen_at - timedelta(days=DAYS)
    told = {"lanes": {"google": lane, "cloudflare": lane}, "reported_at": seen_at, "last_seen": seen_at}
    session.add(WorkerRow(**row, **spool, **told, first_seen=first_seen, certificates=int(brought * JP_SHARE)))


def _add_credit(session: Session, friend: Friend, logs: Mapping[str, str], draw: random.Random) -> None:
    """Of each day an uneven part, of each log the same; the hours of a day are even."""
    total, worker = 0, f"{friend.name}@{friend.hosts[0]}"
    away_days = friend.away // 24
    for ago in range(away_days, DAYS):
        entries = int(ENTRIES_A_DAY * friend.share * draw.uniform(0.4, 1.2))
        day, counts = tokyo_day(utc_now()) - timedelta(days=ago), _counts(entries)
        session.add(CreditDayRow(friend=friend.name, day=day, **counts))
        for log_id in logs.values():
            part = {"log_id": log_id, "worker": worker, "day": day}
            session.add(CreditRow(friend=friend.name, **part, **_counts(entries // len(logs))))
            asked = {"requests": entries // 1500, "throttled": entries // 90_000, "bytes": entries * 900}
            session.add(ContributionRow(**part, **_counts(entries // len(logs)), **asked))
        total += entries
    session.add(CreditTotalRow(friend=friend.name, days=DAYS - away_days, **_counts(total)))
    for hour in range(friend.away, 24):
        at = hour_of(utc_now() - timedelta(hours=hour))
        session.add(CreditHourRow(friend=friend.name, hour=at, **_counts(int(ENTRIES_A_DAY * friend.share / 24))))


def _counts(entries: int) -> dict[str, int]:
    return {"entries": entries, "certificates": int(entries * JP_SHARE)}


def _add_work(session: Session, friend: Friend, logs: Mapping[str, str], draw: random.Random) -> None:
    """What is with her worker now, and what it did in the last minutes."""
    now = int(time.time()) // 10 * 10
    for number, log_id in enumerate([*logs.values()][:4]):
        start = (draw.randrange(900) * RANGE_ENTRIES) // 1024 * 1024
        span = {"start_index": start, "end_index": start + 1024, "range_start": start - start % RANGE_ENTRIES}
        queue = ("google", "google", "cloudflare", "digicert")[number]
        until = utc_now() + timedelta(hours=1)
        session.add(LeaseRow(log_id=log_id, **span, queue=queue, issued_at=utc_now(), issued_until=until))
        for bucket in range(30):
            work = {"bucket_start": now - bucket * 10, "log_id": log_id, "worker": f"{friend.name}@{friend.hosts[0]}"}
            entries = int(6900 * friend.share * 2.5 * draw.uniform(0.8, 1.2))
            session.add(PaceCountRow(**work, entries=entries, requests=entries // 200, throttled=entries // 9000))
