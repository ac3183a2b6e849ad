"""The small tables of benchmarks/web_data.py: logs, windows, heads, friends' workers and what is out."""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from benchmarks.web_statements import LOGS, Sizes
from ctcollect.models import LeaseRow, LogRow, MalformedRow, TreeHeadRow, WindowRow, WorkerRow

OPERATORS = ("google", "cloudflare", "digicert", "trustasia")
SHARDS = ("argon", "nimbus", "wyvern", "hetu")
RANGE = 131_072
MALFORMED_A_LOG = 300
ENTRIES_A_WORKER = 800_000_000


def log_id(number: int) -> str:
    """The same as SHA2(CONCAT('log', number), 256) gives in the large tables."""
    return sha256(f"log{number}".encode()).hexdigest()


def add_small_tables(session: Session, sizes: Sizes, now: datetime) -> None:
    """Every row that the statements of benchmarks/web_statements.py take for granted."""
    session.add_all(_log(number, sizes, now) for number in range(LOGS))
    session.add_all(_worker(number, now) for number in range(sizes.friends))
    session.flush()
    wanted = (sizes.ranges // LOGS + 1) * RANGE
    for number in range(LOGS):
        session.add(WindowRow(log_id=log_id(number), start_index=0, end_index=wanted))
        session.add_all(_head(number, day, wanted, now) for day in range(60))
        session.add_all(_lease(number, at, now) for at in range(64))
        session.add_all(_malformed(number, index) for index in range(MALFORMED_A_LOG))


def _log(number: int, sizes: Sizes, now: datetime) -> LogRow:
    ranges = sizes.ranges // LOGS
    return LogRow(
        log_id=log_id(number),
        name=f"{SHARDS[number % 4]}{2018 + number // 4}",
        operator=OPERATORS[number % 4].capitalize(),
        queue=OPERATORS[number % 4],
        kind="rfc6962",
        url=f"https://ct{number}.example/log/",
        key=b"key",
        state="usable",
        reachable=number % 9 > 0,
        reachable_since=now - timedelta(days=9),
        tree_size=ranges * RANGE,
        root_hash=log_id(number),
        head_timestamp=now,
        batch_entries=256,
        subrange_entries=1024,
        entries_done=ranges * RANGE * 85 // 100,
        entries_verified=ranges * RANGE * 60 // 100,
        sightings=sizes.sightings // LOGS,
        certificates=sizes.certificates // LOGS,
        malformed=MALFORMED_A_LOG,
        open_ranges=ranges // 5,
        requests=12_500_000,
        throttled=280_000,
    )


def _worker(number: int, now: datetime) -> WorkerRow:
    seen = now if number % 3 else now - timedelta(days=number)
    name = f"friend{number}"
    row = {"name": f"{name}@host", "friend": name, "host": "host", "version": "0.1.0", "queues": ",".join(OPERATORS)}
    return WorkerRow(
        **row, first_seen=now - timedelta(days=60), last_seen=seen, running=seen == now, entries=ENTRIES_A_WORKER
    )


def _head(number: int, day: int, size: int, now: datetime) -> TreeHeadRow:
    seen = now - timedelta(days=day)
    root = sha256(f"{number}:{day}".encode()).hexdigest()
    row = {"log_id": log_id(number), "tree_size": size - day * 1_000_000, "root_hash": root, "signature": b"signature"}
    return TreeHeadRow(**row, timestamp_ms=1_700_000_000_000 - day * 86_400_000, seen_at=seen)


def _lease(number: int, at: int, now: datetime) -> LeaseRow:
    start = 9 * RANGE + at * 1024
    row = {"log_id": log_id(number), "start_index": start, "end_index": start + 1024, "range_start": 9 * RANGE}
    return LeaseRow(**row, queue=OPERATORS[number % 4], issued_at=now, issued_until=now + timedelta(hours=1))


def _malformed(number: int, index: int) -> MalformedRow:
    return MalformedRow(log_id=log_id(number), leaf_index=index, reason="TBSCertificate: no such tag", leaf=b"leaf")
