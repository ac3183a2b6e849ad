"""What was collected and verified, by time of issue and validity: what may be said of an interval, and what not.

A log takes certificates by notAfter, a collection reads it by time of issue. A certificate that lasts V days and was
issued at t is therefore seen only where t lies in a verified span of a log whose shard holds t + V.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import reduce
from typing import Literal, NamedTuple

from ctcollect.analysis.issuance import DAY_S, HOUR_S
from ctcollect.analysis.rules import Rules, ValidityClass

TimeSpan = tuple[float, float]  # [start, end), seconds since 1970 UTC
Flag = Literal["none", "seasons", "partial", "continuous"]
EVER = math.inf


class LogCoverage(NamedTuple):
    """One log: the notAfter that it takes, [start, end), None without limit, and the verified times of issue."""

    log_id: str
    not_after_start_s: float | None
    not_after_end_s: float | None
    issued: tuple[TimeSpan, ...]


class Coverage:
    """The union of all logs. A successor of a certificate may last no longer than the rules of its day allow.

    One log that is complete is enough here, though no log holds every certificate: that share is the capture
    probability, which is reported apart, and what it can feign is found by the missing-record test.
    """

    def __init__(self, logs: Iterable[LogCoverage], rules: Rules) -> None:
        join_s = rules.coverage.join_h * HOUR_S
        self.logs = tuple(each._replace(issued=union(each.issued, join_s)) for each in sorted(logs))
        self.log_ids = frozenset(each.log_id for each in self.logs if each.issued)
        self._rules = rules
        self._by_validity: dict[int, tuple[TimeSpan, ...]] = {}
        self._by_days: dict[int, tuple[TimeSpan, ...]] = {}
        self._by_class: dict[str, tuple[TimeSpan, ...]] = {}

    @property
    def spans(self) -> tuple[TimeSpan, ...]:
        """The times of issue of which at least one log was verified, whatever the validity."""
        return union(span for each in self.logs for span in each.issued)

    @property
    def end_s(self) -> float:
        """The last moment of which anything is known; minus infinity when nothing was verified."""
        return max((end for _, end in self.spans), default=-EVER)

    def spans_for(self, validity_days: float) -> tuple[TimeSpan, ...]:
        """When a certificate of this validity, or a successor as long as its day allows, would have been seen."""
        days = math.ceil(validity_days)
        if days not in self._by_validity:
            self._by_validity[days] = union(
                span
                for start, end, limit in self._phases()
                for span in intersection(self._spans_at(min(days, limit)), [(start, end)])
            )
        return self._by_validity[days]

    def spans_of_class(self, validity_class: ValidityClass) -> tuple[TimeSpan, ...]:
        """When every certificate of the class would have been seen, from the shortest to the longest of it."""
        if validity_class.id not in self._by_class:
            classes = self._rules.validity_classes
            place = classes.index(validity_class)
            shortest = classes[place - 1].max_days + 1 if place else 1
            longest = min(validity_class.max_days, shortest + DAYS_OF_A_CLASS)
            each_validity = map(self.spans_for, range(shortest, longest + 1))
            self._by_class[validity_class.id] = reduce(intersection, each_validity)
        return self._by_class[validity_class.id]

    def covers(self, start_s: float, end_s: float, validity_days: float) -> bool:
        """Whether no certificate of this validity issued in [start, end] could have been missed for want of a log."""
        return start_s <= end_s <= self.until(start_s, validity_days)

    def until(self, start_s: float, validity_days: float) -> float:
        """The end of the covered span that holds ``start_s``; minus infinity when none does."""
        for start, end in self.spans_for(validity_days):
            if start <= start_s < end:
                return end
        return -EVER

    def flag(self, validity_class_id: str | None = None) -> Flag:
        """What a figure rests on, in all classes that a public CA may issue or in one.

        ``none``; ``seasons``: no span is long enough for an annual interval; ``partial``: some class was not covered in
        some of the time that was collected; ``continuous``.
        """
        classes = [each for each in self._rules.validity_classes if validity_class_id in (None, each.id)]
        spans = [self.spans_of_class(each) for each in classes if each.max_days <= MAX_ALLOWED_DAYS]
        if not any(spans):
            return "none"
        if max(_longest_s(each) for each in spans) < self._rules.coverage.interval_d * DAY_S:
            return "seasons"
        # A class for itself is asked whether it can show intervals; all together whether they can be compared.
        collected = self.spans if validity_class_id is None else max(spans)
        least = min(map(_total_s, spans))
        return "continuous" if least >= self._rules.coverage.complete * _total_s(collected) else "partial"

    def _spans_at(self, days: int) -> tuple[TimeSpan, ...]:
        """When a certificate of exactly so many days would have been seen."""
        if days not in self._by_days:
            self._by_days[days] = self._find_spans(days * DAY_S)
        return self._by_days[days]

    def _find_spans(self, seconds: float) -> tuple[TimeSpan, ...]:
        taken = (
            (each.issued, (_or(each.not_after_start_s, -EVER) - seconds, _or(each.not_after_end_s, EVER) - seconds))
            for each in self.logs
        )
        return union(span for issued, interval in taken for span in intersection(issued, [interval]))

    def _phases(self) -> list[tuple[float, float, int]]:
        """[start, end) of each time with one limit of validity, and that limit in days."""
        phases = self._rules.phases
        starts = [midnight_s(each.issued_from) for each in phases]
        limits = [each.recommended_days for each in phases]
        return list(zip([-EVER, *starts], [*starts, EVER], [DAYS_BEFORE_LIMITS, *limits], strict=True))


DAYS_BEFORE_LIMITS = 100_000
DAYS_OF_A_CLASS = 427  # of the class without a limit: 399 to 825 days, the longest that was met since CT began
MAX_ALLOWED_DAYS = 398


def midnight_s(day: date) -> float:
    """00:00 UTC of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def union(spans: Iterable[TimeSpan], join: float = 0) -> tuple[TimeSpan, ...]:
    """The spans without overlap, in order; those with a hole of at most ``join`` between them are one."""
    merged: list[TimeSpan] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1] + join:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return tuple(merged)


def intersection(some: Sequence[TimeSpan], others: Sequence[TimeSpan]) -> tuple[TimeSpan, ...]:
    """What lies in both."""
    parts = ((max(a, c), min(b, d)) for a, b in some for c, d in others)
    return tuple(sorted((start, end) for start, end in parts if start < end))


def _longest_s(spans: Iterable[TimeSpan]) -> float:
    return max((end - start for start, end in spans), default=0.0)


def _total_s(spans: Iterable[TimeSpan]) -> float:
    return sum(end - start for start, end in spans)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
