"""Time to an event under censoring: Kaplan and Meier (1958) with late entry, Aalen and Johansen (1978) by cause."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, NamedTuple

Outcome = Literal["renewed", "abandoned", "open"]


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


def kaplan_meier(subjects: Iterable[tuple[Subject, float]]) -> list[Step]:
    """The share not yet renewed, at each time of a renewal; subjects come with a weight.

    What was abandoned counts as open. A subject with the time of an event is still at risk at it.
    """
    weighted = list(subjects)
    survival, greenwood, steps = 1.0, 0.0, []
    for days, at_risk, events in _risk_table(weighted, ("renewed",)):
        renewed = events["renewed"]
        survival *= 1 - renewed / at_risk
        if renewed < at_risk:
            greenwood += renewed / (at_risk * (at_risk - renewed))
        steps.append(Step(days, at_risk, renewed, survival, survival**2 * greenwood))
    return steps


def cumulative_incidence(subjects: Iterable[tuple[Subject, float]], cause: Outcome) -> list[tuple[float, float]]:
    """(days, share to which ``cause`` has happened by then) where renewed and abandoned exclude each other."""
    free, incidence, curve = 1.0, 0.0, []
    for days, at_risk, events in _risk_table(list(subjects), ("renewed", "abandoned")):
        incidence += free * events.get(cause, 0.0) / at_risk
        free *= 1 - sum(events.values()) / at_risk
        curve.append((days, incidence))
    return curve


def abandoned_after(subject: Subject, days: float) -> Subject:
    """The subject when who has not come back within ``days`` has given up, whatever it did later."""
    return Subject(days, "abandoned", subject.entry) if subject.days > days > subject.entry else subject


def _risk_table(
    subjects: list[tuple[Subject, float]], causes: tuple[Outcome, ...]
) -> list[tuple[float, float, dict[str, float]]]:
    """By time of an event, in order: the weight at risk just before, and the weights of the causes."""
    entered: dict[float, float] = defaultdict(float)
    left: dict[float, float] = defaultdict(float)
    events: dict[float, dict[str, float]] = {}
    for subject, weight in subjects:
        entered[subject.entry] += weight
        left[subject.days] += weight
        if subject.outcome in causes:
            events.setdefault(subject.days, dict.fromkeys(causes, 0.0))[subject.outcome] += weight
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
