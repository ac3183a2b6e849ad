"""Shards by notAfter and certificates by day of issue: what the logs cover, by class of validity."""

from datetime import UTC, datetime

import pytest

from ctcollect.seasons import season
from ctcollect.validity import Interval, can_hold, classes_issued_in, uncovered


def years(first: int, end: int) -> Interval:
    """A shard of whole years, as the catalogue has it."""
    return datetime(first, 1, 1), datetime(end, 1, 1)


@pytest.mark.parametrize(
    ("shard", "expected"),
    [(years(2023, 2024), True), (years(2024, 2025), True), (years(2025, 2026), True), (years(2026, 2027), False),
     (years(2022, 2023), False), ((None, None), True), ((datetime(2025, 3, 6), None), False)],
)  # fmt: skip
def test_the_shards_of_a_season(shard: Interval, expected: bool) -> None:
    """Issued from December 2023 to January 2024 and valid for up to 398 days: notAfter until March 2025."""
    assert can_hold(shard, season(2023)) == expected


def test_what_the_logs_do_not_cover_is_told_by_class() -> None:
    """The shards of 2023 and 2024 hold the short classes whole and none of what ends in 2025; no shard, nothing."""
    gaps = uncovered([years(2024, 2025), years(2023, 2024)], season(2023))
    [(validity, spans)] = gaps.items()
    assert (validity.id, spans) == (
        "up-to-398",
        [(datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 3, 4, 15, tzinfo=UTC))],
    )
    assert uncovered([years(2023, 2026)], season(2023)) == {}
    assert list(uncovered([], season(2023))) == classes_issued_in(season(2023))
    hole = uncovered([years(2023, 2024), (datetime(2024, 2, 1), None)], season(2023))
    assert {each.id for each in hole} == {"up-to-10", "up-to-47", "up-to-90"}


@pytest.mark.parametrize(
    ("year", "longest"),
    [(2019, "up-to-825"), (2020, "up-to-398"), (2025, "up-to-398"), (2026, "up-to-200"), (2027, "up-to-100"),
     (2029, "up-to-47")],
)  # fmt: skip
def test_classes_end_with_their_rules(year: int, longest: str) -> None:
    """A class that public CAs may not issue any more is not missed."""
    assert classes_issued_in(season(year))[-1].id == longest
