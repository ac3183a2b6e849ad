"""How many entries a second each queue has read in each block of the last hours, out of the samples."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ctcollect.models import HOUR, MINUTE, FleetSampleRow, ProgressSampleRow
from ctcollect.series import Buckets, Sample, buckets_until, rates
from ctcollect.store.progress import GAP_SECONDS, counters_at

# By hours of the last day; a collection that is younger than so many of them by five minutes of the last two hours.
DAY_SECONDS, ENOUGH_HOURS = 24 * HOUR, 6
YOUNG_SECONDS, YOUNG_BLOCK_SECONDS, ENOUGH_BLOCKS = 2 * HOUR, 5 * MINUTE, 2


@dataclass(frozen=True, slots=True)
class Speeds:
    """Entries per second by queue, of ``blocks`` blocks in which the fleet was sampled; the same blocks for each."""

    block_seconds: int
    samples: int
    blocks: int
    by_queue: Mapping[str, list[float]]


def recent_speeds(session: Session, queue_of: Mapping[str, str]) -> Speeds | None:
    """The speeds of the queues in ``queue_of`` (by log_id); None when too little was sampled."""
    hours = _speeds(session, HOUR, DAY_SECONDS, HOUR, queue_of)
    if hours.blocks >= ENOUGH_HOURS:
        return hours
    minutes = _speeds(session, MINUTE, YOUNG_SECONDS, YOUNG_BLOCK_SECONDS, queue_of)
    return minutes if minutes.blocks >= ENOUGH_BLOCKS else None


def _speeds(session: Session, series: int, period: int, block: int, queue_of: Mapping[str, str]) -> Speeds:
    now = time.time()
    buckets = buckets_until(now, period, block)
    samples = _queue_samples(session, series, buckets, queue_of)
    found = {queue: rates(each, buckets, GAP_SECONDS[series], now) for queue, each in samples.items()}
    known = {queue: [rate for rate in each if rate is not None] for queue, each in found.items()}
    count = len(next(iter(samples.values()), ()))
    return Speeds(block, count, len(next(iter(known.values()), ())), known)


def _queue_samples(
    session: Session, series: int, buckets: Buckets, queue_of: Mapping[str, str]
) -> dict[str, list[Sample]]:
    """What each queue had done in all, at each moment at which the fleet was sampled."""
    since = buckets.start - GAP_SECONDS[series]
    done = {log_id: counters.entries_done for log_id, counters in counters_at(session, since).items()}
    changes = _changes(session, series, since)
    upcoming = next(changes, None)
    samples: dict[str, list[Sample]] = {queue: [] for queue in set(queue_of.values())}
    totals = {queue: sum(done.get(id_, 0) for id_, its in queue_of.items() if its == queue) for queue in samples}
    for moment in _moments(session, series, since):
        while upcoming is not None and upcoming[0] <= moment:
            _, log_id, value = upcoming
            if log_id in queue_of:
                totals[queue_of[log_id]] += value - done.get(log_id, 0)
            done[log_id] = value
            upcoming = next(changes, None)
        for queue, total in totals.items():
            samples[queue].append(Sample(moment, total))
    return samples


def _moments(session: Session, series: int, since: int) -> list[int]:
    at = FleetSampleRow.sampled_at
    return list(session.scalars(select(at).where(FleetSampleRow.series == series, at >= since).order_by(at)))


def _changes(session: Session, series: int, since: int) -> Iterator[tuple[int, str, int]]:
    """(moment, log_id, entries done), in order of time."""
    at = ProgressSampleRow.sampled_at
    columns = select(at, ProgressSampleRow.log_id, ProgressSampleRow.entries_done)
    rows = session.execute(columns.where(ProgressSampleRow.series == series, at >= since).order_by(at))
    return ((moment, log_id, value) for moment, log_id, value in rows)
