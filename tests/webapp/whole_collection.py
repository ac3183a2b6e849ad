"""A collection with something of everything that the pages show, under names that a test chooses."""

import json
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from ctcollect.models import (
    MINUTE,
    CreditDayRow,
    CreditHourRow,
    CreditRow,
    CreditTotalRow,
    FleetSampleRow,
    LeaseRow,
    LogFaultRow,
    LogRow,
    ProgressSampleRow,
    RangeRow,
    WorkerRow,
)
from ctcollect.ranges import RANGE_ENTRIES, Span
from ctcollect.store import Session, Store, ledger, utc_now
from ctcollect.store.credit import hour_of
from ctcollect.store.engine import tokyo_day
from ctcollect.store.logs import log_named
from tests.store import rows
from tests.webapp.collection import add_certificate, add_log, add_worker

RANGES, WANTED = 40, 30
VERIFIED, FULL, OUT = 10, 15, 20  # ranges up to which ...
MALFORMED = 12


def add_whole_collection(store: Store, log: str, friend: str, words: str = "502 Bad Gateway") -> None:
    """One log that is in work, a friend with two workers, figures of the last hours and days, every list filled."""
    add_log(store, log, **_log_columns(words))
    with store.transaction() as session:
        row = log_named(session, log)
        ledger.want(session, row, Span(0, WANTED * RANGE_ENTRIES), RANGES * RANGE_ENTRIES)
        _bring(session, row, friend)
        _add_history(session, row, words)
        _add_credit(session, row, friend)
        _add_samples(session, row)
    for host, entries in (("tokyo", 5000), ("osaka", 3000)):
        add_worker(store, f"{friend}@{host}", log, entries, running=host == "tokyo")
    add_certificate(store, 1, "www.example.jp", log)
    with store.transaction() as session:
        session.execute(update(WorkerRow).values(**_worker_columns()))


def _log_columns(words: str) -> dict[str, Any]:
    done = {"entries_done": FULL * RANGE_ENTRIES, "entries_verified": VERIFIED * RANGE_ENTRIES}
    found = {"certificates": 1234, "sightings": 2345, "malformed": MALFORMED}
    reach = {"reachable": True, "reachable_since": utc_now(), "state": "usable", "last_fault": words}
    return {"tree_size": RANGES * RANGE_ENTRIES, "operator": words, **done, **found, **reach}


def _worker_columns() -> dict[str, Any]:
    lanes = {"google": {"busy": 3, "limit": 4, "requests_per_second": 2.5, "pause_seconds": 12.0}}
    spool = {"spool_harvests": 2, "spool_bytes": 123_456, "spool_free_bytes": 10**9}
    return {"version": "1.4.0", "queues": "google", "trust": "suspect", "lanes": lanes, **spool}


def _bring(session: Session, log: LogRow, friend: str) -> None:
    for number in range(OUT):
        span = Span(number * RANGE_ENTRIES, (number + 1) * RANGE_ENTRIES)
        if number >= FULL:
            _lend(session, log, span)
            continue
        state = "verified" if number < VERIFIED else "full"
        brought = {"state": state, "brought_by": friend, "brought_at": utc_now(), "units_done": b"\xff" * 512}
        where = (RangeRow.log_id == log.log_id, RangeRow.start_index == span.start)
        session.execute(update(RangeRow).where(*where).values(**brought))
        rows.add_delivery(session, log, friend, span)


def _lend(session: Session, log: LogRow, span: Span) -> None:
    lease = {"queue": "google", "issued_at": utc_now(), "issued_until": utc_now() + timedelta(hours=1)}
    piece = {"start_index": span.start, "end_index": span.start + 1024, "range_start": span.start}
    session.add(LeaseRow(log_id=log.log_id, **piece, **lease))


def _add_history(session: Session, log: LogRow, words: str) -> None:
    for hours in range(0, 240, 24):
        rows.add_head(session, log.name, (RANGES - hours // 24) * RANGE_ENTRIES, hours)
    for ago in range(5):
        rows.add_day(session, log.name, ago, 1000 + ago)
    for index in range(MALFORMED):
        rows.add_malformed(session, log.name, index * 1000, b"leaf")
    fault = {"kind": "LogUnavailable", "times": 3, "last_at": utc_now(), "last_text": words}
    session.add(LogFaultRow(log_id=log.log_id, day=tokyo_day(utc_now()), **fault))


def _add_credit(session: Session, log: LogRow, friend: str) -> None:
    day, counts = tokyo_day(utc_now()), {"entries": VERIFIED * RANGE_ENTRIES, "certificates": 321}
    session.add(CreditTotalRow(friend=friend, days=3, **counts))
    session.add(CreditDayRow(friend=friend, day=day, **counts))
    session.add(CreditHourRow(friend=friend, hour=hour_of(utc_now()), **counts))
    session.add(CreditRow(worker=f"{friend}@tokyo", friend=friend, log_id=log.log_id, day=day, **counts))


def _add_samples(session: Session, log: LogRow) -> None:
    now = int(time.time()) // MINUTE
    for ago in range(30):
        sample = {"series": MINUTE, "sampled_at": (now - ago) * MINUTE, "entries_done": 9000 - ago * 100}
        sample |= {"entries_verified": 0, "sightings": 0, "registered": 300 - ago, "requests": 0, "throttled": 0}
        session.add(FleetSampleRow(**sample))
        session.add(ProgressSampleRow(log_id=log.log_id, **sample))


def add_report(data_dir: Path, name: str, title: str, as_of: str, more: Sequence[str] = ()) -> Path:
    """A report as `ctcollect report --out` leaves it, with ``more`` files; returns its folder."""
    folder = data_dir / "reports" / name
    folder.mkdir(parents=True)
    about = {"data_as_of": as_of, "made_at": as_of, "version": "1.0", "title": title}
    (folder / "report.json").write_text(json.dumps(about))
    dot = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
    (folder / "index.html").write_text(
        '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Report</title>'
        f'<style>h1 {{ color: rgb(0, 100, 0) }}</style><main><h1>Report</h1><img alt="dot" src="{dot}"></main></html>'
    )
    (folder / "age.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 6"><rect width="9"/></svg>')
    for file in ("lineages.csv", *more):
        (folder / file).write_text("domain,days\nexample.jp,90\n")
    return folder
