"""A collection as it looks after some weeks of a season, in a few seconds: for benchmarks/screenshots.py.

Logs, friends and figures are made up, from a seed, and are the same each time but for the clock.
"""

import math
import random
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import insert

from benchmarks.made_finds import add_finds
from benchmarks.made_friends import FRIENDS, add_friends
from ctcollect.models import (
    HOUR,
    MINUTE,
    DailyCountRow,
    FleetSampleRow,
    LogFaultRow,
    LogRow,
    ProgressSampleRow,
    RangeRow,
    TreeHeadRow,
    WindowRow,
)
from ctcollect.ranges import RANGE_ENTRIES
from ctcollect.store import Session, Store, utc_now
from ctcollect.store.engine import tokyo_day
from ctcollect.store.gauges import WAITING_HARVESTS, Gauge, put_gauges, waiting_in

SEED = 6
DAYS = 30
JP_SHARE = 0.006


class MadeLog(NamedTuple):
    """Of ``ranges`` ranges such shares are verified and done; ``per_second`` entries are read while it is at work."""

    name: str
    queue: str
    ranges: int
    verified: float
    done: float
    per_second: float


LOGS = (
    MadeLog("argon2025h2", "google", 6200, 0.61, 0.66, 2100),
    MadeLog("xenon2025h2", "google", 5400, 0.22, 0.25, 900),
    MadeLog("nimbus2025", "cloudflare", 7100, 0.74, 0.77, 2600),
    MadeLog("wyvern2025h2", "digicert", 3900, 0.48, 0.52, 1300),
    MadeLog("sphinx2025h2", "digicert", 2600, 1.0, 1.0, 0),
    MadeLog("hetu2025", "trustasia", 1500, 0.31, 0.34, 400),
    MadeLog("log2025b", "trustasia", 900, 0.12, 0.13, 0),
)
SILENT = "log2025b"


def add_season(store: Store) -> None:
    """Every row that the pages about the whole, logs and friends show."""
    draw = random.Random(SEED)
    with store.transaction() as session:
        for log in LOGS:
            _add_log(session, log, draw)
        _add_samples(session)
        add_friends(session, {log.name: log_id(log.name) for log in LOGS}, draw)
        put_gauges(session, {waiting_in(log.queue): Gauge(draw.randrange(180, 256)) for log in LOGS})
        put_gauges(session, {WAITING_HARVESTS: Gauge(7, 512)})
        add_finds(session, [(log.name, log_id(log.name)) for log in LOGS if log.per_second])


def log_id(name: str) -> str:
    """64 hex digits that go with the name."""
    return name.encode().hex().ljust(64, "0")


def _add_log(session: Session, log: MadeLog, draw: random.Random) -> None:
    size, done = log.ranges * RANGE_ENTRIES, int(log.ranges * log.done) * RANGE_ENTRIES
    found = {"certificates": int(done * JP_SHARE * 0.6), "sightings": int(done * JP_SHARE), "malformed": done // 10**8}
    state = {"state": "usable", "reachable": log.name != SILENT, "reachable_since": utc_now() - timedelta(days=4)}
    if log.name == SILENT:
        state |= {"last_fault": "log2025b.ct.example.org did not answer within 60 s", "rest_until": utc_now()}
    counts = {"entries_done": done, "entries_verified": int(log.ranges * log.verified) * RANGE_ENTRIES}
    row: dict[str, Any] = {
        "log_id": log_id(log.name),
        "name": log.name,
        "operator": log.queue.capitalize(),
        "queue": log.queue,
    }
    row |= {"kind": "rfc6962", "url": f"https://{log.name}.ct.example.org/", "key": b"key", "tree_size": size}
    row |= {"batch_entries": 256, "subrange_entries": 1024, "head_timestamp": utc_now()}
    session.add(LogRow(**row, **found, **state, **counts, requests=done // 200, throttled=done // 12_000))
    session.flush()
    _add_past(session, log, size, draw)


def _add_past(session: Session, log: MadeLog, size: int, draw: random.Random) -> None:
    session.add(WindowRow(log_id=log_id(log.name), start_index=0, end_index=size))
    session.execute(insert(RangeRow), list(_ranges(log, draw)))
    session.execute(insert(TreeHeadRow), list(_heads(log, size)))
    session.execute(insert(DailyCountRow), list(_days(log, draw)))
    if log.name == SILENT:
        fault = {"kind": "LogUnavailable", "times": 41, "last_at": utc_now(), "last_text": "no answer within 60 s"}
        session.add(LogFaultRow(log_id=log_id(log.name), day=tokyo_day(utc_now()), **fault))


def _ranges(log: MadeLog, draw: random.Random) -> Iterator[dict[str, Any]]:
    """Read from the newest entry backwards, as the feeder issues them, with a few gaps that are still open."""
    for number in range(log.ranges):
        rank = (log.ranges - number) / log.ranges + draw.uniform(-0.02, 0.02)
        state = "verified" if rank <= log.verified else "full" if rank <= log.done else "open"
        start = number * RANGE_ENTRIES
        row = {"log_id": log_id(log.name), "start_index": start, "end_index": start + RANGE_ENTRIES, "state": state}
        brought_at = utc_now() - timedelta(hours=max(log.done - rank, 0) * 700)
        is_brought = state != "open"
        friend = draw.choices([each.name for each in FRIENDS], [each.share for each in FRIENDS])[0]
        yield row | {
            "units_done": b"\xff" * 512 if is_brought else b"",
            "brought_by": friend if is_brought else None,
            "brought_at": brought_at if is_brought else None,
            "verified_at": brought_at if state == "verified" else None,
            "attempts": int(is_brought),
        }


def _heads(log: MadeLog, size: int) -> Iterator[dict[str, Any]]:
    for hours in range(0, DAYS * 24, 6):
        seen_at = utc_now() - timedelta(hours=hours)
        row = {"log_id": log_id(log.name), "tree_size": size - hours * 90_000, "root_hash": "00" * 32, "signature": b""}
        yield row | {"timestamp_ms": int((time.time() - hours * HOUR) * 1000), "seen_at": seen_at}


def _days(log: MadeLog, draw: random.Random) -> Iterator[dict[str, Any]]:
    """All that is done of the log, more of it each day."""
    weights = [draw.uniform(0.6, 1.0) * (DAYS - ago / 2) for ago in range(DAYS)]
    done = int(log.ranges * log.done) * RANGE_ENTRIES
    for ago, weight in enumerate(weights):
        entries = int(done * weight / sum(weights))
        counts = {"uploaded": int(entries * JP_SHARE), "registered": int(entries * JP_SHARE * 0.6)}
        yield {"day": tokyo_day(utc_now()) - timedelta(days=ago), "log_name": log.name, "entries": entries, **counts}


def _add_samples(session: Session) -> None:
    """A sample a minute for a day and one an hour for a month: faster at night, when friends need their lines less."""
    for series, count in ((MINUTE, 1440), (HOUR, DAYS * 24)):
        newest = int(time.time()) // series
        moments = [(newest - ago) * series for ago in range(count)]
        sums = dict.fromkeys(moments, 0)
        for log in LOGS:
            rows = list(_counters(log, series, moments))
            session.execute(insert(ProgressSampleRow), rows)
            for row in rows:
                sums[row["sampled_at"]] += row["entries_done"]
        session.execute(insert(FleetSampleRow), [_sample(series, at, done) for at, done in sums.items()])


def _counters(log: MadeLog, series: int, moments: list[int]) -> Iterator[dict[str, Any]]:
    done = int(log.ranges * log.done) * RANGE_ENTRIES
    draw = random.Random(log.name)
    read = (int(log.per_second * series * _pace(at) * draw.uniform(0.8, 1.05)) for at in moments)
    for at, ago in zip(moments, accumulate(read, initial=0), strict=False):
        yield {"log_id": log_id(log.name)} | _sample(series, at, done - ago)


def _pace(at: int) -> float:
    return 0.8 + 0.2 * math.cos((at + 6 * HOUR) / 86_400 * 2 * math.pi)


def _sample(series: int, at: int, done: int) -> dict[str, Any]:
    found = {"sightings": int(done * JP_SHARE), "registered": int(done * JP_SHARE * 0.6)}
    asked = {"requests": done // 200, "throttled": done // 12_000}
    return {"series": series, "sampled_at": at, "entries_done": done, "entries_verified": done, **found, **asked}
