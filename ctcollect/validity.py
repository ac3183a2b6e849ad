"""Which shards can hold the certificates issued in a period: shards are cut by notAfter, not by day of issue. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from ctcollect.seasons import TOKYO, Period

Interval = tuple[datetime | None, datetime | None]


class ValidityClass(NamedTuple):
    """Certificates valid for more than ``over_days`` and at most ``max_days`` days.

    ``issued_until`` is the first day on which the Baseline Requirements (section 6.3.2, by ballots SC31 and SC081)
    no longer let a public CA issue one; None while they do.
    """

    id: str
    over_days: int
    max_days: int
    issued_until: date | None = None

    def not_after(self, issued: Period) -> tuple[datetime, datetime]:
        """[earliest, latest] notAfter of those issued in a period, UTC."""
        earliest, latest = issued.start + timedelta(days=self.over_days), issued.end + timedelta(days=self.max_days)
        return earliest.astimezone(UTC), latest.astimezone(UTC)


# The ids are stable: figures are told by them. A limit is the last day's validity that its rule allowed.
VALIDITY_CLASSES = (
    ValidityClass("up-to-10", 0, 10),
    ValidityClass("up-to-47", 10, 47),
    ValidityClass("up-to-90", 47, 90, date(2029, 3, 15)),
    ValidityClass("up-to-100", 90, 100, date(2029, 3, 15)),
    ValidityClass("up-to-200", 100, 200, date(2027, 3, 15)),
    ValidityClass("up-to-398", 200, 398, date(2026, 3, 15)),
    ValidityClass("up-to-825", 398, 825, date(2020, 9, 1)),
)


def classes_issued_in(issued: Period) -> list[ValidityClass]:
    """The classes that a public CA could issue at the period's beginning."""
    day = issued.start.astimezone(TOKYO).date()
    return [each for each in VALIDITY_CLASSES if each.issued_until is None or day < each.issued_until]


def can_hold(interval: Interval, issued: Period) -> bool:
    """Whether a log that takes notAfter in [start, end) can hold a certificate issued in the period.

    The interval's times are naive UTC, as the catalogue has them; None is no limit.
    """
    start, end = _utc(interval)
    spans = [each.not_after(issued) for each in classes_issued_in(issued)]
    return any(start <= latest and earliest < end for earliest, latest in spans)


def uncovered(intervals: Iterable[Interval], issued: Period) -> dict[ValidityClass, list[tuple[datetime, datetime]]]:
    """By class the spans [from, to) of notAfter, UTC, that no log of these intervals takes.

    A class that is covered is left out; one of which only a part is uncovered is in it, with that part.
    """
    taken = sorted(map(_utc, intervals))
    gaps = {each: _gaps(*each.not_after(issued), taken) for each in classes_issued_in(issued)}
    return {each: spans for each, spans in gaps.items() if spans}


def _gaps(
    start: datetime, end: datetime, taken: Sequence[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    gaps = []
    for taken_start, taken_end in taken:
        if taken_start > start:
            gaps.append((start, min(taken_start, end)))
        start = max(start, taken_end)
        if start >= end:
            break
    if start < end:
        gaps.append((start, end))
    return [(first, last) for first, last in gaps if first < last]


def _utc(interval: Interval) -> tuple[datetime, datetime]:
    start, end = interval
    return (start or datetime.min).replace(tzinfo=UTC), (end or datetime.max).replace(tzinfo=UTC)
