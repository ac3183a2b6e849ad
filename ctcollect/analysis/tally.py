"""Plain counts of a group: each certificate, event and lineage once, whatever number of domains its name set has."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from ctcollect.analysis.holiday_risk import LateExpiry, late_expiry
from ctcollect.analysis.issuance import DAY_S
from ctcollect.analysis.japan_days import day_number, day_of, hour_of
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.rules import Rules
from ctcollect.analysis.survival import Subject

RETURNED = ("late", "long_late", "lapse")


@dataclass(slots=True)
class Tally:
    """``counts``: issuances, events, lineages, domains, end_*, gap_*, interval_*. ``days``: events by day in Tokyo.

    ``hours``: events by class, weekday (Monday is 0) and hour in Tokyo, where the hour is known. ``switches``: by old
    and new owner. ``subjects``: from expiry to successor, days to a thousandth. ``expiry_days``: the risk set of M6b by
    day of expiry in Tokyo.
    """

    counts: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)
    hours: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    switches: Counter[tuple[str, str]] = field(default_factory=Counter)
    subjects: Counter[Subject] = field(default_factory=Counter)
    late_expiries: Counter[LateExpiry] = field(default_factory=Counter)
    expiry_days: Counter[int] = field(default_factory=Counter)

    def merge(self, other: "Tally") -> None:
        """Take what another was given."""
        self.counts.update(other.counts)
        self.days.update(other.days)
        self.hours.update(other.hours)
        self.switches.update(other.switches)
        self.subjects.update(other.subjects)
        self.late_expiries.update(other.late_expiries)
        self.expiry_days.update(other.expiry_days)


def tally_of(result: LineageResult, rules: Rules) -> Tally:
    """The counts of one lineage; its domain is not counted here."""
    late = {each.event: each.gap_days for each in result.expiries if each.gap_days is not None}
    days = [day_number(each.issued_s) for each in result.events]
    return Tally(
        counts=_counts(result),
        days=Counter(days),
        hours=Counter(
            (result.automation_class, day_of(day).date.weekday(), hour_of(event.issued_s))
            for event, day in zip(result.events, days, strict=True)
            if event.is_time_known
        ),
        switches=Counter((each.before, each.after) for each in result.switches),
        subjects=Counter(_subjects(result)),
        late_expiries=Counter(late_expiry(result.events[place].end_s, gap, rules) for place, gap in late.items()),
        expiry_days=Counter(day_number(result.events[each.event].end_s) for each in result.expiries),
    )


def _counts(result: LineageResult) -> Counter[str]:
    counts = Counter(
        issuances=len(result.certificates),
        events=len(result.events),
        lineages=1,
    )
    counts[f"end_{result.end}"] += 1
    counts.update(f"gap_{each.kind}" for each in result.gaps)
    counts.update(f"interval_{each.status}" for each in result.renewals)
    return counts


def _subjects(result: LineageResult) -> Iterator[Subject]:
    """From each expiry that nothing covered: to the next issuance, or open until the end of what was observed."""
    for gap in result.gaps:
        if gap.kind in RETURNED:
            yield Subject(round(gap.days, 3), "renewed")
    if result.end == "expired":
        expired_s = max(each.end_s for each in result.events)
        yield Subject(round((result.censored_until_s - expired_s) / DAY_S, 3), "open")
