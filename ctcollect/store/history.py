"""How fast the collection has been: evenly spaced points for charts."""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ctcollect.models import HOUR, MINUTE, FleetSampleRow, ProgressSampleRow
from ctcollect.series import Buckets, Sample, buckets_until, rates
from ctcollect.store.logs import log_named
from ctcollect.store.progress import GAP_SECONDS, Counters

DAY = 24 * HOUR
# What a point tells -> the counter that it comes from.
RATES = MappingProxyType({"entries_per_second": "entries_done", "certificates_per_second": "registered"})


class Period(NamedTuple):
    """So far back, in points so far apart, out of this series of samples."""

    seconds: int
    step_seconds: int
    series: int


PERIODS: Mapping[str, Period] = MappingProxyType(
    {
        "1h": Period(HOUR, MINUTE, MINUTE),
        "24h": Period(DAY, 10 * MINUTE, MINUTE),
        "7d": Period(7 * DAY, HOUR, HOUR),
        "30d": Period(30 * DAY, 4 * HOUR, HOUR),
    }
)


def history(session: Session, period: str, log_name: str | None = None) -> dict[str, Any]:
    """{"period", "log", "start", "step_seconds", "entries_per_second": [...], "certificates_per_second": [...]}.

    Point i is the mean over [start + i * step, start + (i + 1) * step); the last one holds the present moment. None
    where nothing was sampled. Certificates are .jp ones that were new to the collection. ``log_name`` None: the whole
    fleet. KeyError for a period that is not in PERIODS, ConfigurationError for a log that nobody knows.
    """
    wanted, now = PERIODS[period], time.time()
    log_id = log_named(session, log_name).log_id if log_name is not None else None
    buckets = buckets_until(now, wanted.seconds, wanted.step_seconds)
    samples = sampled(session, wanted.series, buckets, log_id)
    series = {name: _rates(samples, counter, wanted, buckets, now) for name, counter in RATES.items()}
    start = datetime.fromtimestamp(buckets.start, UTC).isoformat(timespec="seconds")
    return {"period": period, "log": log_name, "start": start, "step_seconds": wanted.step_seconds, **series}


def _rates(
    samples: Sequence[tuple[int, Counters]], counter: str, wanted: Period, buckets: Buckets, now: float
) -> list[float | None]:
    values = [Sample(at, getattr(counters, counter)) for at, counters in samples]
    return rates(values, buckets, GAP_SECONDS[wanted.series], now)


def sampled(session: Session, series: int, buckets: Buckets, log_id: str | None) -> list[tuple[int, Counters]]:
    """(Unix seconds, counters) of the fleet, or of a log, at each moment of the buckets at which the fleet was sampled.

    From one gap before them, so that the first bucket is whole, to the latest sample of all.
    """
    since = buckets.start - GAP_SECONDS[series]
    fleet = list(_fleet(session, series, since))
    if log_id is None:
        return fleet
    return list(_carried(_log(session, series, since, log_id), [at for at, _ in fleet]))


def _fleet(session: Session, series: int, since: int) -> Iterator[tuple[int, Counters]]:
    rows = select(FleetSampleRow).where(FleetSampleRow.series == series, FleetSampleRow.sampled_at >= since)
    found = [(row.sampled_at, Counters.of(row)) for row in session.scalars(rows.order_by(FleetSampleRow.sampled_at))]
    yield from found
    latest = select(FleetSampleRow).where(FleetSampleRow.series == MINUTE)
    row = session.scalar(latest.order_by(FleetSampleRow.sampled_at.desc()).limit(1))
    if row is not None and found and row.sampled_at > found[-1][0]:
        yield row.sampled_at, Counters.of(row)


def _log(session: Session, series: int, since: int, log_id: str) -> list[tuple[int, Counters]]:
    """The log's rows from ``since`` on, with the last one before and, in the hourly series, the latest of all."""
    rows = select(ProgressSampleRow).where(ProgressSampleRow.log_id == log_id)
    at = ProgressSampleRow.sampled_at
    of_series = rows.where(ProgressSampleRow.series == series)
    latest = rows.where(ProgressSampleRow.series == MINUTE)
    found = [
        *session.scalars(of_series.where(at < since).order_by(at.desc()).limit(1)),
        *session.scalars(of_series.where(at >= since).order_by(at)),
        *session.scalars(latest.order_by(at.desc()).limit(1)),
    ]
    return sorted({row.sampled_at: Counters.of(row) for row in found}.items())


def _carried(rows: Sequence[tuple[int, Counters]], moments: Sequence[int]) -> Iterator[tuple[int, Counters]]:
    """The counters at each moment: those of the last row by then, nothing before the first."""
    counters, at = Counters(), 0
    for moment in moments:
        while at < len(rows) and rows[at][0] <= moment:
            counters, at = rows[at][1], at + 1
        yield moment, counters
