"""Credit: what each friend brought of ranges that are verified, in sums for those who ask often.

The credit is always that of the deliveries of all ranges whose state is ``verified``: it is given when a range gets
that state, and taken back before it loses it, each time with the range locked. It counts for the moment at which a
delivery came, not for the audit's: a range that is opened and proven again gives the same credit as before.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ctcollect.models import CreditDayRow, CreditHourRow, CreditRow, CreditTotalRow, DeliveryRow, RangeRow
from ctcollect.store.engine import insert_new, table_of, tokyo_day, upsert, utc_now

HOURS_KEPT = 48
SUMS = ("entries", "certificates")


class Part(NamedTuple):
    """A delivery, as far as it is credited; the counts are negative when they are taken back."""

    worker: str
    friend: str
    log_id: str
    recorded_at: datetime
    entries: int
    certificates: int


def give(session: Session, row: RangeRow) -> None:
    """The range, which is locked, is verified now: its deliveries count."""
    _add(session, _parts(session, row, +1))


def take_back(session: Session, row: RangeRow) -> None:
    """The range, which is locked, will not be verified any more; call it before any of its deliveries changes."""
    _add(session, _parts(session, row, -1))


def _parts(session: Session, row: RangeRow, sign: int) -> list[Part]:
    length = DeliveryRow.end_index - DeliveryRow.start_index
    columns = (DeliveryRow.worker, DeliveryRow.friend, DeliveryRow.log_id, DeliveryRow.recorded_at)
    where = (DeliveryRow.log_id == row.log_id, DeliveryRow.range_start == row.start_index)
    found = session.execute(select(*columns, length * sign, DeliveryRow.certificates * sign).where(*where))
    return [Part(*each) for each in found]


def _add(session: Session, parts: Sequence[Part]) -> None:
    friends = sorted({part.friend for part in parts})
    _lock_totals(session, friends)
    days = [
        {"friend": friend, "day": day} | sums
        for (friend, day), sums in _sums(parts, lambda part: (part.friend, tokyo_day(part.recorded_at)))
    ]
    upsert(session, table_of(CreditDayRow), days, add=SUMS)
    recent = [part for part in parts if part.recorded_at >= oldest_hour()]
    hours = [
        {"hour": hour, "friend": friend} | sums
        for (hour, friend), sums in _sums(recent, lambda part: (hour_of(part.recorded_at), part.friend))
    ]
    upsert(session, table_of(CreditHourRow), hours, add=SUMS)
    credit = [
        {"worker": worker, "log_id": log_id, "day": day, "friend": friend} | sums
        for (worker, log_id, day, friend), sums in _sums(parts, _credit_key)
    ]
    upsert(session, table_of(CreditRow), credit, add=SUMS)
    _sum_up(session, friends)


def _credit_key(part: Part) -> tuple[Any, ...]:
    return part.worker, part.log_id, tokyo_day(part.recorded_at), part.friend


def _sums(parts: Sequence[Part], key: Callable[[Part], tuple[Any, ...]]) -> Iterator[tuple[Any, dict[str, int]]]:
    """The sums of the parts of each key."""
    for each, group in groupby(sorted(parts, key=key), key=key):
        same = list(group)
        entries, certificates = sum(part.entries for part in same), sum(part.certificates for part in same)
        yield each, {"entries": entries, "certificates": certificates}


def _lock_totals(session: Session, friends: Sequence[str]) -> None:
    """First of all and in order: whoever credits the same friends waits here, and nobody waits crosswise."""
    rows = [{"friend": friend, "entries": 0, "certificates": 0, "days": 0} for friend in friends]
    insert_new(session, table_of(CreditTotalRow), rows)
    mine = select(CreditTotalRow.friend).where(CreditTotalRow.friend.in_(friends))
    session.execute(mine.order_by(CreditTotalRow.friend).with_for_update())


def _sum_up(session: Session, friends: Sequence[str]) -> None:
    sums = (func.sum(CreditDayRow.entries), func.sum(CreditDayRow.certificates), func.count())
    mine = (CreditDayRow.friend.in_(friends), CreditDayRow.entries > 0)
    found = session.execute(select(CreditDayRow.friend, *sums).where(*mine).group_by(CreditDayRow.friend))
    totals = {friend: [int(each) for each in counts] for friend, *counts in found}
    names = ("entries", "certificates", "days")
    rows = [{"friend": friend} | dict(zip(names, totals.get(friend, (0, 0, 0)), strict=True)) for friend in friends]
    upsert(session, table_of(CreditTotalRow), rows, replace=names)


def hour_of(moment_utc: datetime) -> datetime:
    """The beginning of a moment's hour."""
    return moment_utc.replace(minute=0, second=0, microsecond=0)


def oldest_hour() -> datetime:
    """The first of the hours that are kept."""
    return hour_of(utc_now()) - timedelta(hours=HOURS_KEPT)


def forget_hours(session: Session) -> None:
    """Delete the credit by hours that nobody asks for any more; that by days stays."""
    session.execute(delete(CreditHourRow).where(CreditHourRow.hour < oldest_hour()))
