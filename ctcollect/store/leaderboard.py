"""Who has brought how much that is verified: today, this week, in all."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Executable, func, select
from sqlalchemy.orm import Session

from ctcollect.errors import ConfigurationError
from ctcollect.models import CreditDayRow, CreditHourRow, CreditTotalRow
from ctcollect.store.credit import hour_of
from ctcollect.store.engine import tokyo_day, utc_now
from ctcollect.store.formats import utc_text
from ctcollect.store.friend_figures import friends_now

PERIODS = ("24h", "7d", "all")


class Credit(NamedTuple):
    """Entries that are verified, certificates that nobody had brought before, days in Asia/Tokyo with any."""

    entries: int = 0
    certificates: int = 0
    days: int = 0


def leaderboard(session: Session, period: str = "all") -> dict[str, Any]:
    """{"period", "since", "friends": [...]}: every friend with figures of ``period``, who has most entries first.

    ``24h`` are whole hours, from the beginning of the one 24 hours ago; ``7d`` is today in Asia/Tokyo and the six days
    before; what counts is when it was brought. A friend has ``rank`` (equals share one; None without an entry),
    ``entries``, ``certificates``, ``days``, and all that friends_now() tells. ConfigurationError for another period.
    """
    credit, since = _credit(session, period)
    places = ranks(credit)
    now = friends_now(session)
    names = sorted(now.keys() | credit.keys(), key=lambda friend: (*_order(credit.get(friend, Credit())), friend))
    friends = [
        {"rank": places.get(friend), "friend": friend} | credit.get(friend, Credit())._asdict() | now.get(friend, {})
        for friend in names
    ]
    return {"period": period, "since": since, "friends": friends}


def standings(session: Session, friend: str) -> dict[str, dict[str, Any]]:
    """By period: the friend's {"rank", "entries", "certificates", "days"}."""
    found = {}
    for period in PERIODS:
        credit, _ = _credit(session, period)
        found[period] = {"rank": ranks(credit).get(friend)} | credit.get(friend, Credit())._asdict()
    return found


def ranks(credit: Mapping[str, Credit]) -> dict[str, int]:
    """1 for who has most entries and, of those, most certificates; equals share a rank, and the next ones are left
    out. Nobody without an entry has one."""
    orders = sorted(_order(each) for each in credit.values())
    return {friend: orders.index(_order(each)) + 1 for friend, each in credit.items() if each.entries > 0}


def _order(credit: Credit) -> tuple[int, int]:
    return -credit.entries, -credit.certificates


def _credit(session: Session, period: str) -> tuple[dict[str, Credit], str | None]:
    """By friend, and since when: a time in UTC, a day in Asia/Tokyo, None for ever."""
    if period == "all":
        totals = select(CreditTotalRow.friend, CreditTotalRow.entries, CreditTotalRow.certificates, CreditTotalRow.days)
        return {friend: Credit(*counts) for friend, *counts in session.execute(totals)}, None
    if period == "7d":
        first = tokyo_day(utc_now()) - timedelta(days=6)
        return _sums(session, _of_days(first)), first.isoformat()
    if period == "24h":
        since = hour_of(utc_now() - timedelta(hours=24))
        by_hours, by_days = _sums(session, _of_hours(since)), _sums(session, _of_days(tokyo_day(since)))
        return {name: each._replace(days=by_days[name].days) for name, each in by_hours.items()}, utc_text(since)
    raise ConfigurationError(f"{period!r:.40} is no period: choose {', '.join(PERIODS)}")


def _of_days(first: date) -> Executable:
    row = CreditDayRow
    sums = (func.sum(row.entries), func.sum(row.certificates), func.count())
    return select(row.friend, *sums).where(row.day >= first, row.entries > 0).group_by(row.friend)


def _of_hours(since: datetime) -> Executable:
    row = CreditHourRow
    sums = (func.sum(row.entries), func.sum(row.certificates))
    return select(row.friend, *sums).where(row.hour >= since, row.entries > 0).group_by(row.friend)


def _sums(session: Session, statement: Executable) -> dict[str, Credit]:
    return {friend: Credit(*map(int, counts)) for friend, *counts in session.execute(statement)}
