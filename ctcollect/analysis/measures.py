"""What one lineage adds to the figures: a few vectors of counts, and the measures as ratios of their components.

A vector belongs to a family and a season, which is its first year as text ("2023" is December 2023 with January 2024),
or "" for all times. Whole vectors are kept by registered domain, because a measure's interval needs both sums there.
"""

from collections.abc import Iterator
from itertools import pairwise
from operator import add
from typing import NamedTuple

from ctcollect.analysis.automation import AUTOMATION_CLASSES
from ctcollect.analysis.covered_days import ALL_TIMES, CoveredDays, season_of
from ctcollect.analysis.events import Event
from ctcollect.analysis.exposure import renewals_per_year, usual_elapsed
from ctcollect.analysis.gaps import GAP_KINDS
from ctcollect.analysis.japan_days import day_number, day_of, is_office_time
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.rules import Rules

Vector = tuple[float, ...]
CLASSIFIED = ("automated", "manual", "mixed")
ELAPSED_CLASSES = ("early", "other", "two_thirds", "until_last_tenth", "last_tenth", "after_expiry")
PHASES = ("200", "100", "47")  # ids of rules.toml

# The components of each family's vector, in order.
FAMILIES: dict[str, tuple[str, ...]] = {
    "risk": ("expiries", "late", "late_first_days"),
    "gaps": ("pairs", *(f"gap_{kind}" for kind in GAP_KINDS)),
    "intervals": ("intervals", "interval_censored", "interval_early_reissue", "interval_suspect_missing"),
    "elapsed": ("measured", *(f"elapsed_{name}" for name in ELAPSED_CLASSES)),
    "classes": (
        "lineages",
        *(f"class_{name}" for name in AUTOMATION_CLASSES),
        "classified",
        *(f"behaviour_{name}" for name in CLASSIFIED),
        "with_pairs",
        "ca_switch",
    ),
    "exposure": (
        "current",
        *(f"over_{phase}" for phase in PHASES),
        *(f"classified_over_{phase}" for phase in PHASES),
        *(f"manual_over_{phase}" for phase in PHASES),
    ),
    "load": ("loaded", "load_now", *(f"load_{phase}" for phase in PHASES)),
    "naive": ("naive_pairs", "naive_late"),
    "calendar": (
        "events",
        "non_business_expected",
        "non_business",
        "weekend",
        "holiday",
        "nenmatsu",
        "timed",
        "outside_office",
        "renewals",
        "renewal_non_business",
    ),
    "season": ("seen", "short_validity", "seen_weight", "short_weight"),
}


class Measure(NamedTuple):
    """The places of numerator and denominator in the vectors of a family; Wilson's interval is for shares of counts."""

    family: str
    numerator: int
    denominator: int
    is_share: bool = True


def _measures() -> dict[str, Measure]:
    """By id: each family's components over its first, but for those whose denominator is another."""
    found = {
        name: Measure(family, place, 0)
        for family, names in FAMILIES.items()
        for place, name in enumerate(names)
        if place
    }
    for name, of, is_share in _other_denominators():
        family = found[of].family
        found[name] = Measure(family, FAMILIES[family].index(_component(name)), FAMILIES[family].index(of), is_share)
    for name in ("non_business_expected", "load_now", *(f"load_{phase}" for phase in PHASES)):
        found[name] = found[name]._replace(is_share=False)
    return found


def _other_denominators() -> Iterator[tuple[str, str, bool]]:
    """(measure, component that is its denominator, whether it is a share of counts)."""
    for name in CLASSIFIED:
        yield f"classified_{name}", "classified", True
        yield f"behaviour_{name}", "classified", True
    for phase in PHASES:
        yield f"manual_over_{phase}", f"classified_over_{phase}", True
    yield "ca_switch", "with_pairs", True
    yield "outside_office", "timed", True
    yield "renewal_non_business", "renewals", True
    yield "short_validity_unbiased", "seen_weight", False


def _component(measure: str) -> str:
    """The component that is the numerator of a measure with a name of its own."""
    if measure == "short_validity_unbiased":
        return "short_weight"
    kind, _, name = measure.partition("_")
    return f"class_{name}" if kind == "classified" and name in CLASSIFIED else measure


MEASURES = _measures()


def vectors_of(result: LineageResult, covered: CoveredDays, rules: Rules) -> Iterator[tuple[tuple[str, str], Vector]]:
    """((family, season), vector) of all that the lineage adds, not weighted."""
    yield ("classes", ALL_TIMES), _class_vector(result)
    if len(result.certificates) > 1:
        yield ("naive", ALL_TIMES), _naive_vector(result)
    if len(result.events) > 1:
        kinds = [each.kind for each in result.gaps]
        yield ("gaps", ALL_TIMES), (len(result.events) - 1, *(kinds.count(kind) for kind in GAP_KINDS))
    if result.renewals:
        yield from _renewal_vectors(result, rules)
    if result.expiries:
        late = [each.gap_days for each in result.expiries if each.gap_days is not None]
        first_days = sum(days <= rules.gap.first_days_d for days in late)
        yield ("risk", ALL_TIMES), (len(result.expiries), len(late), first_days)
    if result.end == "current":
        yield from _exposure_vectors(result, rules)
    yield from _calendar_vectors(result, covered, rules)
    yield from _season_vectors(result, covered, rules)


def _class_vector(result: LineageResult) -> Vector:
    """M10: the class, and where there is one the class by behaviour alone; M12."""
    found, behaviour = result.automation.automation_class, result.automation.behaviour_class
    return (
        1,
        *(int(found == name) for name in AUTOMATION_CLASSES),
        int(found in CLASSIFIED),
        *(int(behaviour == name) for name in CLASSIFIED),
        int(len(result.events) > 1),
        int(bool(result.switches)),
    )


def _naive_vector(result: LineageResult) -> Vector:
    """What one would find without coverage, bundles or other certificates: for the panel that warns of it."""
    pairs = list(pairwise(result.certificates))
    return len(pairs), sum(later.start_s > each.end_s for each, later in pairs)


def _renewal_vectors(result: LineageResult, rules: Rules) -> Iterator[tuple[tuple[str, str], Vector]]:
    """M3 by status, M4 of those that count."""
    statuses = [each.status for each in result.renewals]
    counts = (statuses.count("censored"), statuses.count("early_reissue"), statuses.count("suspect_missing"))
    yield ("intervals", ALL_TIMES), (len(statuses), *counts)
    classes = [elapsed_class(each.elapsed, rules) for each in result.measured]
    if classes:
        yield ("elapsed", ALL_TIMES), (len(classes), *(classes.count(name) for name in ELAPSED_CLASSES))


def elapsed_class(elapsed: float, rules: Rules) -> str:
    """At which part of its validity a certificate was replaced (M4); between "early" and "two_thirds" lies "other"."""
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


def _exposure_vectors(result: LineageResult, rules: Rules) -> Iterator[tuple[tuple[str, str], Vector]]:
    """M13, of a lineage that is in use at the end of what was observed; renewals a year to a hundredth."""
    days, found = result.events[-1].validity_days, result.automation_class
    phases = [each for each in rules.phases if each.id in PHASES]
    over = [int(days > each.max_days) for each in phases]
    classified = [flag * (found in CLASSIFIED) for flag in over]
    manual = [flag * (found == "manual") for flag in over]
    yield ("exposure", ALL_TIMES), (1, *over, *classified, *manual)
    yield ("load", ALL_TIMES), (1, *(round(renewals_per_year(result, each, rules), 2) for each in (None, *phases)))


def _calendar_vectors(
    result: LineageResult, covered: CoveredDays, rules: Rules
) -> Iterator[tuple[tuple[str, str], Vector]]:
    """M7, M11: of events, and of renewals alone, on days that were covered; beside them what the calendar gives."""
    renewed = {each.successor for each in result.measured}
    sums: dict[str, Vector] = {}
    for place, event in enumerate(result.events):
        number = day_number(event.issued_s)
        if number in covered.days(event.validity_days):
            row = _calendar_row(event, number, place in renewed, rules)
            for season in {ALL_TIMES, season_of(number)}:
                row = (1, covered.non_business_share(event.validity_days, season) or 0.0, *row[2:])
                sums[season] = tuple(map(add, sums[season], row)) if season in sums else row
    for season, total in sums.items():
        yield ("calendar", season), (total[0], round(total[1], 6), *total[2:])


def _calendar_row(event: Event, number: int, is_renewal: bool, rules: Rules) -> Vector:
    """The calendar's vector of one event, with nothing for what is expected."""
    day = day_of(number)
    is_shut = not day.is_business
    is_outside = event.is_time_known and not is_office_time(event.issued_s, rules)
    kinds = (day.kind == "weekend", day.kind == "holiday", day.kind == "nenmatsu")
    return (1, 0, is_shut, *kinds, event.is_time_known, is_outside, is_renewal, is_renewal and is_shut)


def _season_vectors(
    result: LineageResult, covered: CoveredDays, rules: Rules
) -> Iterator[tuple[tuple[str, str], Vector]]:
    """The share of short validities among the lineages that a season shows, raw and with each weighted by 1 / P.

    A season shows every name renewed each 60 days, but one in six of those renewed by the year.
    """
    newest = {season_of(day_number(event.issued_s)): event for event in result.events}
    for season, event in newest.items():
        days = len(covered.days(event.validity_days, season)) if season else 0
        if days:
            usual = event.validity_days * usual_elapsed(event.validity_days, rules)
            weight = round(max(1.0, (result.median_interval_days or usual) / days), 2)
            is_short = event.validity_days <= rules.index.short_validity_d
            yield ("season", season), (1, int(is_short), weight, weight * is_short)
