"""Days and seasons in Asia/Tokyo, the time by which the study counts. Pure arithmetic; every period is half-open."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import NamedTuple, Self

from ctcollect.errors import ConfigurationError

# Japan keeps no summer time; a friend's machine need not have a database of time zones.
TOKYO = timezone(timedelta(hours=9), "Asia/Tokyo")
FIRST_YEAR, LAST_YEAR = 1970, 9000


class Period(NamedTuple):
    """The times [start, end), both 00:00 Asia/Tokyo; its text is FROM..TO, the last day included."""

    start: datetime
    end: datetime

    @classmethod
    def of_days(cls, first: date, last: date) -> Self:
        """From the first day's 00:00 to the last day's 24:00."""
        start, end = (datetime.combine(day, time(), TOKYO) for day in (first, last))
        return cls(start, end + timedelta(days=1))

    @property
    def start_ms(self) -> int:
        return _milliseconds(self.start)

    @property
    def end_ms(self) -> int:
        return _milliseconds(self.end)

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d}..{self.end - timedelta(days=1):%Y-%m-%d}"


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def tokyo_time(timestamp_ms: int) -> datetime:
    """The time in Asia/Tokyo of a leaf's timestamp; one that no calendar holds becomes the last that it does."""
    try:
        return datetime.fromtimestamp(timestamp_ms / 1000, UTC).astimezone(TOKYO)
    except (OverflowError, ValueError, OSError):
        return datetime(LAST_YEAR, 12, 31, tzinfo=TOKYO)


def season(year: int) -> Period:
    """The season that begins in December of ``year``: 1 December 00:00 to 31 January 24:00 of the next year."""
    return Period.of_days(date(year, 12, 1), date(year + 1, 1, 31))


def seasons_between(first: datetime, last: datetime) -> list[Period]:
    """The seasons that hold a moment of [first, last], in order."""
    years = range(max(first.year, FIRST_YEAR) - 1, min(last.year, LAST_YEAR) + 1)
    return [each for each in map(season, years) if each.end > first and each.start <= last]


def parse_days(text: str) -> Period:
    """``2023-12-01..2024-01-31``, both days included; ConfigurationError for what is no such pair of days."""
    try:
        first, last = (datetime.strptime(day, "%Y-%m-%d").date() for day in text.split(".."))
    except ValueError:
        raise ConfigurationError(f"{text!r} is not FROM..TO: two days that exist, as 2023-12-01..2024-01-31") from None
    if first > last:
        raise ConfigurationError(f"{text!r} ends before it begins")
    if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
        raise ConfigurationError(f"{text!r} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
    return Period.of_days(first, last)
