"""Days in Japan: business, weekend, national holiday, and the year's end, when offices are shut."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import Literal, NamedTuple

import holidays

from ctcollect.analysis.rules import Rules, default_rules

DayKind = Literal["business", "weekend", "holiday", "nenmatsu"]
DAY_KINDS: tuple[DayKind, ...] = ("business", "weekend", "holiday", "nenmatsu")
JST_OFFSET_S = 9 * 3600  # no summer time since 1951
DAY_S = 86400
EPOCH = date(1970, 1, 1)


class Day(NamedTuple):
    """A day in Asia/Tokyo; ``kind`` is the first that holds of nenmatsu, holiday, weekend, business.

    The booleans are raw: 2 January 2023 is nenmatsu and a national holiday (in lieu of the 1st) at once.
    """

    date: date
    kind: DayKind
    is_weekend: bool
    is_national_holiday: bool
    is_nenmatsu: bool
    weekday: int  # Monday is 0
    is_business: bool


def day_number(seconds: float) -> int:
    """Days from 1970-01-01 to the day in Asia/Tokyo that holds this moment (seconds since 1970 UTC)."""
    return int((seconds + JST_OFFSET_S) // DAY_S)


def hour_of(seconds: float) -> int:
    """The hour, 0 to 23, in Asia/Tokyo."""
    return int((seconds + JST_OFFSET_S) % DAY_S // 3600)


def day_at(seconds: float) -> Day:
    """The day in Asia/Tokyo that holds this moment (seconds since 1970 UTC)."""
    return day_of(day_number(seconds))


def is_office_time(seconds: float, rules: Rules) -> bool:
    """Whether an office is open at this moment: a business day, 9 to 18 in Tokyo."""
    return day_at(seconds).is_business and rules.office.first_hour <= hour_of(seconds) < rules.office.end_hour


@cache
def day_of(number: int) -> Day:
    """The day so many days after 1970-01-01."""
    day = EPOCH + timedelta(days=number)
    is_weekend, is_holiday = day.weekday() >= 5, day in _national_holidays(day.year)
    is_nenmatsu = _is_nenmatsu(f"{day:%m-%d}")
    kind: DayKind = "business"
    if is_nenmatsu:
        kind = "nenmatsu"
    elif is_holiday:
        kind = "holiday"
    elif is_weekend:
        kind = "weekend"
    return Day(day, kind, is_weekend, is_holiday, is_nenmatsu, day.weekday(), kind == "business")


def _is_nenmatsu(month_day: str) -> bool:
    rule = default_rules().nenmatsu
    return month_day >= rule.first or month_day <= rule.last


@cache
def _national_holidays(year: int) -> frozenset[date]:
    """With the substitute and citizens' holidays of the Public Holiday Law."""
    return frozenset(holidays.country_holidays("JP", years=year))


def non_business_share(days: Iterable[int]) -> float | None:
    """The share of these days (by number) on which no office is open; None of none."""
    shut = [not day_of(number).is_business for number in days]
    return sum(shut) / len(shut) if shut else None


@cache
def non_business_share_of_year(year: int) -> float:
    """0.3397 for 2025: what a machine that heeds no calendar shows."""
    first, last = ((date(each, 1, 1) - EPOCH).days for each in (year, year + 1))
    return sum(not day_of(number).is_business for number in range(first, last)) / (last - first)
