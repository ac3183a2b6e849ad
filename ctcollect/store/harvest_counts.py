"""The counters that recorded harvests add to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from ctcollect.models import ContributionRow, DailyCountRow, LogRow, PaceCountRow
from ctcollect.store.engine import table_of, tokyo_day, upsert
from ctcollect.store.reading import Outcome, Reading
from ctcollect.store.workers import Work, WorkerSign, count_work

BUCKET_SECONDS = 10


class Counted(NamedTuple):
    """A reading that was recorded, and what it brought."""

    log: LogRow
    reading: Reading
    outcome: Outcome


def count(session: Session, recorded: Sequence[Counted]) -> None:
    """Add to the counts of days, workers and seconds; those of the logs' rows, which are locked, come by ``log``."""
    ordered = sorted(recorded, key=lambda each: (each.log.log_id, each.reading.worker))
    for each in ordered:
        _count_of_log(each)
    daily = [_of_day(each) for each in ordered]
    upsert(session, table_of(DailyCountRow), daily, add=("entries", "uploaded", "registered"))
    added = ("entries", "certificates", "requests", "throttled", "bytes")
    upsert(session, table_of(ContributionRow), [_contribution(each) for each in ordered], add=added)
    paces = [_pace(each) for each in ordered if each.outcome.entries or each.reading.harvest.requests]
    upsert(session, table_of(PaceCountRow), paces, add=("entries", "requests", "throttled"))
    count_work(session, [_work(each) for each in ordered])


def _count_of_log(counted: Counted) -> None:
    log, harvest, outcome = counted.log, counted.reading.harvest, counted.outcome
    log.entries_done += outcome.entries
    log.sightings += outcome.sightings
    log.malformed += outcome.malformed
    log.requests += harvest.requests
    log.throttled += harvest.throttled


def _of_day(counted: Counted) -> dict[str, Any]:
    outcome = counted.outcome
    key = {"day": tokyo_day(counted.reading.collected_at), "log_name": counted.log.name}
    return key | {"entries": outcome.entries, "uploaded": outcome.sightings, "registered": outcome.certificates}


def _contribution(counted: Counted) -> dict[str, Any]:
    reading, harvest, outcome = counted.reading, counted.reading.harvest, counted.outcome
    key = {"worker": reading.worker, "log_id": counted.log.log_id, "day": tokyo_day(reading.collected_at)}
    return key | {
        "entries": outcome.entries,
        "certificates": outcome.sightings,
        "requests": harvest.requests,
        "throttled": harvest.throttled,
        "bytes": harvest.received_bytes,
    }


def _pace(counted: Counted) -> dict[str, Any]:
    reading, harvest = counted.reading, counted.reading.harvest
    second = int((reading.collected_at - datetime(1970, 1, 1)).total_seconds())
    key = {"bucket_start": second - second % BUCKET_SECONDS, "log_id": counted.log.log_id, "worker": reading.worker}
    done = {"entries": counted.outcome.entries, "requests": harvest.requests, "throttled": harvest.throttled}
    return key | done


def _work(counted: Counted) -> Work:
    reading, outcome = counted.reading, counted.outcome
    sign = WorkerSign(reading.worker, reading.collected_at, version=reading.harvest.client)
    return Work(sign, outcome.entries, outcome.sightings)
