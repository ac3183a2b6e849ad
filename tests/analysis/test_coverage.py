"""What was collected, and what of it may be said: shards cut by notAfter, seasons, days."""

from datetime import UTC, datetime, timedelta

import pytest

from ctcollect.analysis.coverage import Coverage, LogCoverage
from ctcollect.analysis.covered_days import CoveredDays
from ctcollect.seasons import season
from tests.analysis.making import RULES, coverage_of, tokyo


def yearly_shards(years: range, span: tuple[float, float]) -> Coverage:
    """One log a year of notAfter, each verified in the same times of issue."""
    return Coverage(
        (
            LogCoverage(
                f"log-{year}",
                datetime(year, 1, 1, tzinfo=UTC).timestamp(),
                datetime(year + 1, 1, 1, tzinfo=UTC).timestamp(),
                (span,),
            )
            for year in years
        ),
        RULES,
    )


@pytest.mark.parametrize(
    ("validity_days", "december", "january"),
    [(6, True, True), (90, True, True), (180, True, True), (365, True, False), (397, False, False)],
)
def test_a_season_lacks_the_long_certificates_of_the_next_shard(
    validity_days: float, december: bool, january: bool
) -> None:
    """With shards up to 2026 the season 2025-2026 has no certificate of 397 days, and of 365 none from January."""
    last = season(2025)
    coverage = yearly_shards(range(2022, 2027), (last.start.timestamp(), last.end.timestamp()))

    def is_covered(moment: datetime) -> bool:
        return coverage.covers(moment.timestamp(), moment.timestamp(), validity_days)

    assert (is_covered(tokyo(2025, 12, 15)), is_covered(tokyo(2026, 1, 15))) == (december, january)
    with_next = yearly_shards(range(2022, 2028), (last.start.timestamp(), last.end.timestamp()))
    assert with_next.covers(last.start.timestamp(), last.end.timestamp() - 1, validity_days)


def test_a_successor_lasts_no_longer_than_the_rules_of_its_day_allow() -> None:
    """From 2026-03-15 the successor of a 397-day certificate lasts 199 days: the shard of 2027 is not needed for it."""
    span = (datetime(2025, 1, 1, tzinfo=UTC).timestamp(), datetime(2026, 6, 1, tzinfo=UTC).timestamp())
    coverage = yearly_shards(range(2025, 2027), span)
    april = datetime(2026, 4, 1, tzinfo=UTC).timestamp()
    assert coverage.covers(april, april, 397)
    march = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    assert not coverage.covers(march, march, 397)


def test_an_interval_across_a_hole_is_not_covered() -> None:
    """Within a season yes, from one to the next no; before the first span nothing."""
    coverage = coverage_of([(tokyo(2022, 12, 1), tokyo(2023, 2, 1)), (tokyo(2023, 12, 1), tokyo(2024, 2, 1))])
    first, later = tokyo(2022, 12, 2).timestamp(), tokyo(2023, 12, 2).timestamp()
    assert coverage.covers(first, first + 50 * 86400, 90)
    assert not coverage.covers(first, later, 90)
    assert not coverage.covers(first - 5 * 86400, first, 90)


def test_what_a_figure_rests_on() -> None:
    """Nothing, seasons, all; a missing class makes it partial."""
    assert Coverage([], RULES).flag() == "none"
    assert coverage_of([(tokyo(2022, 12, 1), tokyo(2023, 2, 1))]).flag() == "seasons"
    assert coverage_of([(tokyo(2022, 1, 1), tokyo(2025, 1, 1))]).flag() == "continuous"
    span = (tokyo(2022, 1, 1).timestamp(), tokyo(2025, 1, 1).timestamp())
    short_only = Coverage([LogCoverage("a", span[0], span[1] + 101 * 86400, (span,))], RULES)
    assert short_only.flag() == "partial"
    assert short_only.flag("up-to-100") == "continuous"


def test_only_whole_days_of_tokyo_count() -> None:
    """A season has 62 days of which 23 are no business days, whichever year; half a day is none."""
    for year in range(2021, 2026):
        days = CoveredDays(coverage_of([(season(year).start, season(year).end)]))
        assert len(days.days(90)) == len(days.days(90, str(year))) == 62
        assert days.non_business_share(90) == pytest.approx(23 / 62)
        assert days.non_business_share(90, str(year + 1)) is None
    part = CoveredDays(coverage_of([(tokyo(2022, 12, 1, 1), tokyo(2022, 12, 3) - timedelta(hours=1))]))
    assert len(part.days(90)) == 0
