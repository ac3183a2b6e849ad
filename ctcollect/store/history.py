"""How fast the collection has been: evenly spaced points for charts."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from ctcollect.models import HOUR, MINUTE, FleetSampleRow, ProgressSampleRow
from ctcollect.series import Buckets, Sample, buckets_until, rates
from ctcollect.store.logs import log_named
from ctcollect.store.progress import GAP_SECONDS

DAY = 24 * HOUR
# Unix seconds, then the counters of RATES.
Point = tuple[int, ...]
SampleModel = type[FleetSampleRow] | type[ProgressSampleRow]
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
    points = list(_points(session, wanted.series, buckets, log_id))
    series = {
        name: rates([Sample(point[0], point[1 + number]) for point in points], buckets, GAP_SECONDS[wanted.series], now)
        for number, name in enumerate(RATES)
    }
    start = datetime.fromtimestamp(buckets.start, UTC).isoformat(timespec="seconds")
    return {"period": period, "log": log_name, "start": start, "step_seconds": wanted.step_seconds, **series}


def _points(session: Session, series: int, buckets: Buckets, log_id: str | None) -> Iterable[Point]:
    """What the fleet, or a log, had counted at each moment of the buckets at which the fleet was sampled.

    From one gap before them, so that the first bucket is whole, to the latest sample of all.
    """
    since = buckets.start - GAP_SECONDS[series]
    fleet = _rows(session, FleetSampleRow, series, since)
    if log_id is None:
        return fleet
    is_its = ProgressSampleRow.log_id == log_id
    rows = [*_last_before(session, series, since, is_its), *_rows(session, ProgressSampleRow, series, since, is_its)]
    return _carried(rows, [point[0] for point in fleet])


def _rows(session: Session, model: SampleModel, series: int, since: int, *where: ColumnElement[bool]) -> list[Point]:
    """The points of a series from ``since`` on, then the latest minute: the series may be the hourly one."""
    at = model.sampled_at
    found = list(_read(session, _select(model, series, *where).where(at >= since).order_by(at)))
    latest = _read(session, _select(model, MINUTE, *where).where(at >= since).order_by(at.desc()).limit(1))
    return found + [point for point in latest if not found or point[0] > found[-1][0]]


def _last_before(session: Session, series: int, since: int, is_its: ColumnElement[bool]) -> list[Point]:
    """The point of a log before ``since``, by either series: of a log that rests for days only hours are left."""
    at = ProgressSampleRow.sampled_at
    of_series = (_select(ProgressSampleRow, each, is_its) for each in {series, HOUR})
    newest = (each.where(at < since).order_by(at.desc()).limit(1) for each in of_series)
    return sorted(point for statement in newest for point in _read(session, statement))


def _select(model: SampleModel, series: int, *where: ColumnElement[bool]) -> Select[Any]:
    columns: tuple[Any, ...] = (model.sampled_at, *(getattr(model, counter) for counter in RATES.values()))
    return select(*columns).where(model.series == series, *where)


def _read(session: Session, statement: Select[Any]) -> Iterator[Point]:
    return (tuple(row) for row in session.execute(statement))


def _carried(rows: Sequence[Point], moments: Sequence[int]) -> Iterator[Point]:
    """The counters at each moment: those of the last row by then, nothing before the first."""
    counters, at = (0,) * len(RATES), 0
    for moment in moments:
        while at < len(rows) and rows[at][0] <= moment:
            counters, at = rows[at][1:], at + 1
        yield (moment, *counters)
