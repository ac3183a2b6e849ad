"""What one lineage adds to each measure: (measure, season) -> numerator and denominator, not yet weighted.

A season is its first year as text ("2023" is December 2023 with January 2024), "" all times together.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from ctcollect.analysis.automation import AUTOMATION_CLASSES
from ctcollect.analysis.covered_days import ALL_TIMES, CoveredDays, season_of
from ctcollect.analysis.events import Event
from ctcollect.analysis.exposure import exceeded_limits, renewals_per_year, usual_elapsed
from ctcollect.analysis.gaps import GAP_KINDS
from ctcollect.analysis.japan_days import DAY_KINDS, Day, day_number, day_of, is_office_time
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.rules import Rules

CLASSIFIED = ("automated", "manual", "mixed")


# Means, and shares of weights: Wilson's interval is not for them.
NO_COUNTS = re.compile(r"load_.*|non_business_expected|short_validity_unbiased")


class Part(NamedTuple):
    """``n`` observations with these sums."""

    measure: str
    season: str
    n: int
    numerator: float
    denominator: float


def parts_of(result: LineageResult, covered: CoveredDays, rules: Rules) -> Iterator[Part]:
    """All that the lineage adds; parts of one measure and season may come several times."""
    yield from _renewal_parts(result, rules)
    yield from _class_parts(result)
    yield from _exposure_parts(result, rules)
    yield from _naive_parts(result)
    yield from _calendar_parts(result, covered, rules)
    yield from _season_parts(result, covered, rules)


def _part(measure: str, numerator: float, denominator: float, season: str = ALL_TIMES) -> Part:
    return Part(measure, season, round(denominator), numerator, denominator)


def _renewal_parts(result: LineageResult, rules: Rules) -> Iterator[Part]:
    """M6, M6b: the late rate in its risk set; gaps by kind and renewals by status per pair of events."""
    at_risk = len(result.expiries)
    late = [each.gap_days for each in result.expiries if each.gap_days is not None]
    yield _part("late", len(late), at_risk)
    yield _part("late_first_days", sum(days <= rules.gap.first_days_d for days in late), at_risk)
    pairs = len(result.events) - 1
    for kind in GAP_KINDS:
        yield _part(f"gap_{kind}", result.gap_count(kind), pairs)
    intervals = len(result.renewals)
    yield _part("interval_censored", result.renewal_count("censored"), intervals)
    yield _part("interval_early_reissue", result.renewal_count("early_reissue"), intervals)
    yield _part("interval_suspect_missing", result.renewal_count("suspect_missing"), intervals)
    for name, count in _elapsed_classes(result, rules).items():
        yield _part(f"elapsed_{name}", count, len(result.measured))
    if pairs:
        yield _part("ca_switch", bool(result.switches), 1)


def _elapsed_classes(result: LineageResult, rules: Rules) -> dict[str, int]:
    """M4: at which part of its validity a certificate was replaced; between "early" and "two thirds" lies "other"."""
    counts = dict.fromkeys(("early", "two_thirds", "until_last_tenth", "last_tenth", "after_expiry", "other"), 0)
    for each in result.measured:
        counts[elapsed_class(each.elapsed, rules)] += 1
    return counts


def elapsed_class(elapsed: float, rules: Rules) -> str:
    """The class of M4 of one renewal."""
    limits = rules.elapsed
    if elapsed < limits.early:
        return "early"
    if elapsed < limits.two_thirds_from:
        return "other"
    if elapsed <= limits.two_thirds_until:
        return "two_thirds"
    if elapsed < limits.last_tenth:
        return "until_last_tenth"
    return "last_tenth" if elapsed <= 1 else "after_expiry"


def _class_parts(result: LineageResult) -> Iterator[Part]:
    """M10: the classes among all lineages, and among those that could be classified; the same without validity."""
    found, behaviour = result.automation.automation_class, result.automation.behaviour_class
    for name in AUTOMATION_CLASSES:
        yield _part(f"class_{name}", found == name, 1)
    for each in CLASSIFIED:
        if found in CLASSIFIED:
            yield _part(f"classified_{each}", found == each, 1)
        if behaviour in CLASSIFIED:
            yield _part(f"behaviour_{each}", behaviour == each, 1)


def _exposure_parts(result: LineageResult, rules: Rules) -> Iterator[Part]:
    """M13, of lineages that are in use at the end of what was observed."""
    if result.end != "current":
        return
    exceeded = exceeded_limits(result.events[-1].validity_days, rules)
    for phase in (None, *rules.phases[1:]):
        yield _part(f"load_{phase.id if phase else 'now'}", renewals_per_year(result, phase, rules), 1)
        if phase:
            is_over = phase.max_days in exceeded
            yield _part(f"over_{phase.id}", is_over, 1)
            if is_over and result.automation_class in CLASSIFIED:
                yield _part(f"manual_over_{phase.id}", result.automation_class == "manual", 1)


def _naive_parts(result: LineageResult) -> Iterator[Part]:
    """What one would find without coverage, bundles or other certificates: for the panel that warns of it."""
    pairs = list(pairwise(result.certificates))
    yield _part("naive_late", sum(later.start_s > each.end_s for each, later in pairs), len(pairs))


def _calendar_parts(result: LineageResult, covered: CoveredDays, rules: Rules) -> Iterator[Part]:
    """M7, M11: of events, and of renewals alone, on days that were covered; beside them what the calendar gives."""
    renewed = {each.successor for each in result.measured}
    for place, event in enumerate(result.events):
        number = day_number(event.issued_s)
        if number not in covered.days(event.validity_days):
            continue
        day = day_of(number)
        season = season_of(day)
        for label in {ALL_TIMES, season}:
            yield from _day_parts(event, day, label, covered, rules)
            if place in renewed:
                yield _part("renewal_non_business", not day.is_business, 1, label)


def _day_parts(event: Event, day: Day, season: str, covered: CoveredDays, rules: Rules) -> Iterator[Part]:
    expected = covered.non_business_share(event.validity_days, season)
    if expected is not None:
        yield _part("non_business_expected", expected, 1, season)
        yield _part("non_business", not day.is_business, 1, season)
    for kind in DAY_KINDS[1:]:
        yield _part(kind, day.kind == kind, 1, season)
    if event.is_time_known:
        yield _part("outside_office", not is_office_time(event.issued_s, rules), 1, season)


def _season_parts(result: LineageResult, covered: CoveredDays, rules: Rules) -> Iterator[Part]:
    """The share of short validities among the lineages that a season shows, raw and with each weighted by 1 / P.

    A season shows every name renewed each 60 days, but one in six of those renewed by the year.
    """
    newest: dict[str, Event] = {}
    for event in result.events:
        season = season_of(day_of(day_number(event.issued_s)))
        if season:
            newest[season] = event
    for season, event in newest.items():
        usual = event.validity_days * usual_elapsed(event.validity_days, rules)
        days = len(covered.days(event.validity_days, season))
        if days:
            weight = max(1.0, (result.median_interval_days or usual) / days)
            is_short = event.validity_days <= rules.index.short_validity_d
            yield _part("short_validity", is_short, 1, season)
            yield Part("short_validity_unbiased", season, 1, weight * is_short, weight)
