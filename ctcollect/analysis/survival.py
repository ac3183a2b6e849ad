"""Time to an event under censoring: Kaplan and Meier (1958) with late entry."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from ctcollect.analysis.confidence import wilson

Outcome = Literal["renewed", "open"]
Z_95 = 1.959964  # of a normal distribution, both sides


class Subject(NamedTuple):
    """Watched from ``entry`` (0, or later if not seen before) to ``days``; "open" when nothing happened by then."""

    days: float
    outcome: Outcome
    entry: float = 0.0


class Step(NamedTuple):
    """At ``days``: of ``at_risk`` so many ``events`` happened; ``value`` holds from here to the next step.

    ``variance`` is Greenwood's.
    """

    days: float
    at_risk: float
    events: float
    value: float
    variance: float

    def interval(self) -> tuple[float, float, float]:
        """(value, low, high), the ends being those of the interval of 95 %, cut at 0 and 1."""
        half = Z_95 * math.sqrt(self.variance)
        return self.value, max(0.0, self.value - half), min(1.0, self.value + half)


def kaplan_meier(subjects: Iterable[tuple[Subject, float]]) -> list[Step]:
    """The share not yet renewed, at each time of a renewal; subjects come with a weight.

    A subject with the time of an event is still at risk at it. Where who is not back by some day counts as given up,
    the share that is renewed by then, given up being the competing event, is one minus this.
    """
    weighted = list(subjects)
    survival, greenwood, steps = 1.0, 0.0, []
    for days, at_risk, renewed in _risk_table(weighted):
        survival *= 1 - renewed / at_risk
        if renewed < at_risk:
            greenwood += renewed / (at_risk * (at_risk - renewed))
        steps.append(Step(days, at_risk, renewed, survival, survival**2 * greenwood))
    return steps


def step_at(steps: Sequence[Step], days: float) -> Step:
    """The step that holds at a time: the last one by then; before the first nothing has happened."""
    by_then = [each for each in steps if each.days <= days]
    return by_then[-1] if by_then else Step(0.0, 0.0, 0.0, 1.0, 0.0)


def share_by(steps: Sequence[Step], days: float, n: int, confidence: float) -> tuple[float, float, float]:
    """(share, low, high) of ``n`` subjects that are renewed by then, with Greenwood's interval of 95 %.

    Where none or all are it has no width, and Wilson's is the honest one.
    """
    left, least, most = step_at(steps, days).interval()
    if least == most:
        renewed = sum(each.events for each in steps if each.days <= days)
        return 1 - left, *wilson(renewed, n, confidence)
    return 1 - left, 1 - most, 1 - least


def _risk_table(subjects: list[tuple[Subject, float]]) -> list[tuple[float, float, float]]:
    """By time of an event, in order: the weight at risk just before, and that of the events."""
    entered: dict[float, float] = defaultdict(float)
    left: dict[float, float] = defaultdict(float)
    events: dict[float, float] = defaultdict(float)
    for subject, weight in subjects:
        entered[subject.entry] += weight
        left[subject.days] += weight
        if subject.outcome == "renewed":
            events[subject.days] += weight
    table = []
    at_risk = 0.0
    entries, exits = sorted(entered.items(), reverse=True), sorted(left.items(), reverse=True)
    for days in sorted(events):
        # In by then, and not out before: [entry, days] holds the day of the event.
        while entries and entries[-1][0] <= days:
            at_risk += entries.pop()[1]
        while exits and exits[-1][0] < days:
            at_risk -= exits.pop()[1]
        table.append((days, at_risk, events[days]))
    return table
