"""The whole days in Asia/Tokyo on which a validity was covered: what the calendar measures are held against."""

import math
from functools import cache

from ctcollect.analysis.coverage import Coverage
from ctcollect.analysis.issuance import DAY_S
from ctcollect.analysis.japan_days import day_number, day_of, non_business_share

ALL_TIMES = ""
SEASON_MONTHS = (12, 1)


@cache
def season_of(number: int) -> str:
    """The season that a day, by number, lies in, as its first year: "2023" is December 2023 and January 2024; or ""."""
    day = day_of(number).date
    if day.month not in SEASON_MONTHS:
        return ALL_TIMES
    return str(day.year if day.month == SEASON_MONTHS[0] else day.year - 1)


class CoveredDays:
    """Days by number (``japan_days.day_number``), by validity in days; remembered, for millions of events ask."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self._days: dict[tuple[int, str], frozenset[int]] = {}
        self._shares: dict[tuple[int, str], float | None] = {}

    def days(self, validity_days: float, season: str = ALL_TIMES) -> frozenset[int]:
        """Those on which a certificate of this validity would have been seen, of one season or of all times."""
        key = math.ceil(validity_days), season
        if key not in self._days:
            self._days[key] = self._of_season(*key) if season else self._of_all_times(key[0])
        return self._days[key]

    def non_business_share(self, validity_days: float, season: str = ALL_TIMES) -> float | None:
        """p0, what a machine that heeds no calendar would show; None when no day was covered."""
        key = math.ceil(validity_days), season
        if key not in self._shares:
            self._shares[key] = non_business_share(self.days(validity_days, season))
        return self._shares[key]

    def _of_season(self, validity_days: int, season: str) -> frozenset[int]:
        return frozenset(each for each in self.days(validity_days) if season_of(each) == season)

    def _of_all_times(self, validity_days: int) -> frozenset[int]:
        spans = self._coverage.spans_for(validity_days)
        return frozenset(
            number
            for start, end in spans
            if math.isfinite(start) and math.isfinite(end)
            for number in range(day_number(start + DAY_S - 1), day_number(end))
        )
