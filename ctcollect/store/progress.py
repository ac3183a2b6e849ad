"""Samples of the collection's counters as time goes by: one a minute for two days, one an hour for ever.

A sample writes a row for the whole fleet, which tells that it was taken, and one for each log whose counters have
changed since that log's row before. The first sample of an hour is written into the hourly series as well, so that
thinning out is nothing but forgetting minutes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass, fields
from datetime import timedelta
from typing import Any, Self

from sqlalchemy import Subquery, and_, delete, func, select
from sqlalchemy.orm import Session

from ctcollect.models import HOUR, MINUTE, DailyCountRow, FleetSampleRow, LogRow, ProgressSampleRow
from ctcollect.store.engine import insert_new, table_of

MINUTES_KEPT_SECONDS = int(timedelta(hours=48).total_seconds())
# Thinning takes one hour of minutes away at a time: each sample does more than its own share, and no more than that.
THINNED_SECONDS = HOUR
# Samples further apart than this have a gap between them, in which nothing is known.
GAP_SECONDS = {MINUTE: 180, HOUR: 5400}


@dataclass(frozen=True, slots=True)
class Counters:
    """What is counted of a log or of the whole fleet.

    ``registered`` are certificates that are new to the whole collection; ``requests`` and ``throttled`` those of all
    harvests that brought something.
    """

    entries_done: int = 0
    entries_verified: int = 0
    sightings: int = 0
    registered: int = 0
    requests: int = 0
    throttled: int = 0

    @classmethod
    def sum(cls, all_of_them: Iterable[Self]) -> Self:
        columns = zip(*map(astuple, all_of_them), strict=True)
        return cls(*(sum(column) for column in columns))


# The columns of these counters, in their order.
COUNTED = tuple(getattr(ProgressSampleRow, each.name) for each in fields(Counters))


def present_counters(session: Session) -> dict[str, Counters]:
    """The counters of every log as they stand now, by log_id."""
    registered = _registered(session)
    columns = (LogRow.entries_done, LogRow.entries_verified, LogRow.sightings, LogRow.requests, LogRow.throttled)
    rows = session.execute(select(LogRow.log_id, LogRow.name, *columns))
    return {
        log_id: Counters(done, verified, sightings, registered.get(name, 0), requests, throttled)
        for log_id, name, done, verified, sightings, requests, throttled in rows
    }


def _registered(session: Session) -> dict[str, int]:
    sums = select(DailyCountRow.log_name, func.sum(DailyCountRow.registered)).group_by(DailyCountRow.log_name)
    return {name: int(count) for name, count in session.execute(sums)}


def counters_at(session: Session, moment: int, series: Iterable[int] = (MINUTE, HOUR)) -> dict[str, Counters]:
    """The counters of each log, by log_id, as they were last sampled at or before ``moment`` (Unix seconds).

    A log that is not there had counted nothing, if the fleet was sampled by then.
    """
    latest = _latest(moment, series)
    columns: tuple[Any, ...] = (ProgressSampleRow.sampled_at, ProgressSampleRow.log_id, *COUNTED)
    rows = session.execute(select(*columns).join(latest, _is_of(latest)).order_by(ProgressSampleRow.sampled_at))
    return {log_id: Counters(*counters) for _, log_id, *counters in rows}


def _latest(moment: int, series: Iterable[int]) -> Subquery:
    """The key of each log's last row in each series: found by an index, one jump a log."""
    keys = (ProgressSampleRow.series, ProgressSampleRow.log_id)
    last = func.max(ProgressSampleRow.sampled_at).label("sampled_at")
    wanted = (ProgressSampleRow.series.in_(list(series)), ProgressSampleRow.sampled_at <= moment)
    return select(*keys, last).where(*wanted).group_by(*keys).subquery()


def _is_of(latest: Subquery) -> Any:
    names = ("series", "log_id", "sampled_at")
    return and_(*(getattr(ProgressSampleRow, name) == latest.c[name] for name in names))


def last_sampled_at(session: Session, series: int = MINUTE) -> int | None:
    """When the last sample of a series was taken (Unix seconds); None before the first."""
    return session.scalar(select(func.max(FleetSampleRow.sampled_at)).where(FleetSampleRow.series == series))


def take_sample(session: Session, now: int) -> None:
    """Write a sample of this moment (Unix seconds), and into the hourly series too when it is the hour's first."""
    present = present_counters(session)
    _write(session, MINUTE, now, present, counters_at(session, now))
    if (last_sampled_at(session, HOUR) or 0) // HOUR < now // HOUR:
        _write(session, HOUR, now, present, counters_at(session, now, [HOUR]))


def _write(
    session: Session, series: int, now: int, present: Mapping[str, Counters], before: Mapping[str, Counters]
) -> None:
    key = {"series": series, "sampled_at": now}
    whole = Counters.sum([Counters(), *present.values()])
    insert_new(session, table_of(FleetSampleRow), [key | asdict(whole)])
    changed = {id_: new for id_, new in present.items() if new != before.get(id_, Counters())}
    rows = [key | {"log_id": log_id} | asdict(counters) for log_id, counters in changed.items()]
    insert_new(session, table_of(ProgressSampleRow), rows)


def thin_out(session: Session, now: int) -> None:
    """Forget the oldest of the minutes that are older than 48 hours, at most an hour of them."""
    for table in (ProgressSampleRow, FleetSampleRow):
        oldest = session.scalar(select(func.min(table.sampled_at)).where(table.series == MINUTE))
        if oldest is not None and oldest < now - MINUTES_KEPT_SECONDS:
            until = min(oldest + THINNED_SECONDS, now - MINUTES_KEPT_SECONDS)
            session.execute(delete(table).where(table.series == MINUTE, table.sampled_at < until))
