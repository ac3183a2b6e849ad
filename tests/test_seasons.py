"""Windows as people type them: seasons and days in Asia/Tokyo, indices, and what is neither."""

from datetime import UTC, datetime, timedelta

import pytest

from ctcollect.errors import ConfigurationError
from ctcollect.seasons import season, seasons_between, tokyo_time
from ctcollect.window import parse_window


def test_a_season_is_december_and_january_in_tokyo() -> None:
    """The season of 2023: 1 December 2023 00:00 to 31 January 2024 24:00, which is nine hours earlier in UTC."""
    assert season(2023).start == datetime(2023, 11, 30, 15, tzinfo=UTC)
    assert season(2023).end == datetime(2024, 1, 31, 15, tzinfo=UTC)
    assert (season(2023).end_ms - season(2023).start_ms) == timedelta(days=62) / timedelta(milliseconds=1)
    assert parse_window(str(season(2023))).period == season(2023)
    assert str(season(2023)) == "2023-12-01..2024-01-31"


def test_the_seasons_that_a_time_touches() -> None:
    """From the last millisecond of one season to the first of another: both, and none between two seasons."""
    second = timedelta(seconds=1)
    assert seasons_between(season(2021).end - second, season(2023).start) == [season(y) for y in (2021, 2022, 2023)]
    assert seasons_between(season(2021).end, season(2022).start - second) == []
    assert seasons_between(tokyo_time(0), tokyo_time(2**64 - 1))[0] == season(1969)


@pytest.mark.parametrize(
    "text",
    [
        *("", "all", "10", "10:", "-1:5", "1:2:3", "5:5", "9:3", "1:99999999999999999999"),
        *("2023-12-01", "2023-12-01..", "..2024-01-31", "2023-02-29..2023-03-01", "2024-01-31..2023-12-01"),
        *("2023-12-01..2023-12-02..2023-12-03", "0001-01-01..2024-01-01", "2023-12-01..9999-12-31", "dec..jan"),
    ],
)
def test_what_is_no_window_is_told_in_a_line(text: str) -> None:
    """Days that do not exist, ends before beginnings, years outside the calendar, words."""
    with pytest.raises(ConfigurationError) as caught:
        parse_window(text)
    assert "\n" not in str(caught.value)
    assert text in str(caught.value) or "empty" in str(caught.value)


def test_one_day_is_a_period_of_24_hours() -> None:
    """Both days of FROM..TO are included."""
    period = parse_window("2024-02-29..2024-02-29").period
    assert period is not None
    assert period.end - period.start == timedelta(days=1)
