"""Plain counts of a group: each certificate, event and lineage once, whatever number of domains its name set has."""

from collections import Counter
from collections.abc import Hashable, Iterator

from ctcollect.analysis.holiday_risk import LateExpiry, late_expiry
from ctcollect.analysis.issuance import DAY_S
from ctcollect.analysis.japan_days import day_number, day_of, hour_of
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.rules import Rules
from ctcollect.analysis.survival import Subject

RETURNED = ("late", "long_late", "lapse")
Counted = tuple[str, Hashable]


class Tally(Counter[Counted]):
    """Counts of (what, value); one Counter, because one update a lineage and group is all that there is time for."""

    def merge(self, other: "Tally") -> None:
        """Take what another was given."""
        self.update(other)

    def counts(self) -> dict[str, int]:
        """issuances, events, lineages, end_*, gap_* and interval_* by name."""
        return {str(value): count for (what, value), count in self.items() if what == "count"}

    def days(self) -> dict[int, int]:
        """Events by day in Tokyo, by number (``japan_days.day_number``)."""
        return self._of("day")

    def hours(self) -> dict[tuple[str, int, int], int]:
        """Events by automation class, weekday (Monday is 0) and hour in Tokyo, where the hour is known."""
        return self._of("hour")

    def switches(self) -> dict[tuple[str, str], int]:
        """Changes of the CA by old and new owner."""
        return self._of("switch")

    def subjects(self) -> dict[Subject, int]:
        """From an expiry that nothing covered to the successor, in days to a thousandth: for ``survival``."""
        return self._of("subject")

    def late_expiries(self) -> dict[LateExpiry, int]:
        """The late incidents of the risk set."""
        return self._of("late_expiry")

    def expiry_days(self) -> dict[int, int]:
        """The expiries of the risk set by day in Tokyo, by number."""
        return self._of("expiry_day")

    def _of(self, kind: str) -> dict:
        return {value: count for (what, value), count in sorted(self.items(), key=repr) if what == kind}


def counted(result: LineageResult, rules: Rules) -> list[Counted]:
    """All that one lineage adds, each item as often as it counts."""
    found = [("count", "lineages"), ("count", f"end_{result.end}")]
    found += [("count", "issuances")] * len(result.certificates)
    found += [("count", "events")] * len(result.events)
    found += [("count", f"gap_{each.kind}") for each in result.gaps]
    found += [("count", f"interval_{each.status}") for each in result.renewals]
    return [*found, *_event_items(result), *_expiry_items(result, rules)]


def _event_items(result: LineageResult) -> Iterator[Counted]:
    for event in result.events:
        number = day_number(event.issued_s)
        yield "day", number
        if event.is_time_known:
            yield "hour", (result.automation_class, day_of(number).weekday, hour_of(event.issued_s))
    for each in result.switches:
        yield "switch", (each.before, each.after)


def _expiry_items(result: LineageResult, rules: Rules) -> Iterator[Counted]:
    for each in result.expiries:
        expired_s = result.events[each.event].end_s
        yield "expiry_day", day_number(expired_s)
        if each.gap_days is not None:
            yield "late_expiry", late_expiry(expired_s, each.gap_days, rules)
    for gap in result.gaps:
        if gap.kind in RETURNED:
            yield "subject", Subject(round(gap.days, 3), "renewed")
    if result.end == "expired":
        open_s = result.censored_until_s - max(each.end_s for each in result.events)
        yield "subject", Subject(round(open_s / DAY_S, 3), "open")
