"""How fast each worker is now, queue by queue, from what the recorder has counted in the last ten minutes."""

import time
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from ctcollect.models import LogRow, PaceCountRow

NOW_SECONDS = 60
REFUSED_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Rate:
    """Entries and requests per second over the last minute, or since the first of them in it; requests of the last
    ten minutes, and how many of those the log refused.
    """

    worker: str
    queue: str
    entries_per_second: float
    requests_per_second: float
    requests: int
    throttled: int


def present_rates(session: Session) -> list[Rate]:
    """Of every worker and queue of which something was recorded in the last ten minutes."""
    now, bucket = time.time(), PaceCountRow.bucket_start
    is_recent = bucket > now - NOW_SECONDS
    sums = (
        func.min(case((is_recent, bucket))),
        func.sum(case((is_recent, PaceCountRow.entries), else_=0)),
        func.sum(case((is_recent, PaceCountRow.requests), else_=0)),
        func.sum(PaceCountRow.requests),
        func.sum(PaceCountRow.throttled),
    )
    statement = select(PaceCountRow.worker, LogRow.queue, *sums).join(LogRow, LogRow.log_id == PaceCountRow.log_id)
    rows = session.execute(statement.where(bucket > now - REFUSED_SECONDS).group_by(PaceCountRow.worker, LogRow.queue))
    return [_rate(now, *row) for row in rows]


def _rate(
    now: float, worker: str, queue: str, first: int | None, entries: int, recent: int, requests: int, throttled: int
) -> Rate:
    seconds = max(now - first, 1.0) if first is not None else 1.0
    entries_per_second, requests_per_second = (round(int(each) / seconds, 2) for each in (entries, recent))
    return Rate(worker, queue, entries_per_second, requests_per_second, int(requests), int(throttled))
