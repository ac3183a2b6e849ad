"""Late renewals and holidays (M14): do expiries on days without office hours go wrong more often?"""

from collections.abc import Mapping
from typing import NamedTuple

from ctcollect.analysis.confidence import Interval, poisson_interval
from ctcollect.analysis.issuance import HOUR_S
from ctcollect.analysis.japan_days import DAY_S, JST_OFFSET_S, day_number, day_of
from ctcollect.analysis.rules import Rules


class LateExpiry(NamedTuple):
    """A late incident by its expiry: the day (Asia/Tokyo, by number) and hours, each rounded.

    ``hours_to_business`` is 0 when the day was one; otherwise to 9 o'clock of the first business day. ``gap_hours`` is
    from the expiry to the next issuance.
    """

    day: int
    hours_to_business: float
    gap_hours: float


class HolidayRisk(NamedTuple):
    """Late incidents whose expiry fell on a non-business day, against what the calendar alone would give.

    ``ratio`` is observed / expected, its interval the exact one of a Poisson count; None when nothing is expected.
    """

    n: int
    observed: int
    expected: float
    ratio: float | None
    interval: Interval | None


def late_expiry(expired_s: float, gap_days: float, rules: Rules) -> LateExpiry:
    """Of an expiry at ``expired_s`` that was answered ``gap_days`` later."""
    day = first = day_number(expired_s)
    while not day_of(first).is_business:
        first += 1
    opens_s = first * DAY_S - JST_OFFSET_S + rules.office.first_hour * HOUR_S
    hours = 0.0 if first == day else (opens_s - expired_s) / HOUR_S
    return LateExpiry(day, round(hours, 1), round(gap_days * 24, 1))


def holiday_risk(expiries: Mapping[LateExpiry, int], calendar_share: float, rules: Rules) -> HolidayRisk:
    """``calendar_share`` is the share of non-business days of the days that were covered."""
    observed = sum(count for each, count in expiries.items() if not day_of(each.day).is_business)
    total = sum(expiries.values())
    expected = total * calendar_share
    low, high = poisson_interval(observed, rules.statistics.confidence)
    return HolidayRisk(
        n=total,
        observed=observed,
        expected=expected,
        ratio=observed / expected if expected else None,
        interval=(low / expected, high / expected) if expected else None,
    )
