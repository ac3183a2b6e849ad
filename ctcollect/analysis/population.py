"""The calendar estimators (M8, M9): how much of a group's work machines do, without linking any two certificates."""

from typing import NamedTuple

from ctcollect.analysis.cells import Estimate
from ctcollect.analysis.confidence import Interval
from ctcollect.analysis.rules import Rules


class AutomatedShare(NamedTuple):
    """The share of machines if people work on ``human_share`` of non-business days: (s - h) / (p0 - h).

    s is the observed non-business share, p0 the calendar's. Not clipped: below 0 or above 1 tells that an assumption
    fails. A lower bound where machines run on weekdays only. ``is_enough``: with fewer events the spread is too wide.
    """

    group: str
    season: str
    human_share: float
    observed_share: float
    calendar_share: float
    value: float
    interval: Interval | None
    n: int
    domains: int
    is_enough: bool
    hidden: bool


def automated_shares(observed: Estimate, calendar: Estimate, rules: Rules) -> list[AutomatedShare]:
    """For each human share of the rules; the interval is that of ``observed`` by domains, through the same formula.

    ``observed`` and ``calendar`` are the measures "non_business" and "non_business_expected" of one group and season.
    """
    return [
        _automated_share(observed, calendar, human, rules)
        for human in rules.population.human_shares
        if calendar.value > human
    ]


def _automated_share(observed: Estimate, calendar: Estimate, human: float, rules: Rules) -> AutomatedShare:
    scale = calendar.value - human
    return AutomatedShare(
        group=observed.group,
        season=observed.season,
        human_share=human,
        observed_share=observed.value,
        calendar_share=calendar.value,
        value=(observed.value - human) / scale,
        interval=observed.bootstrap
        and ((observed.bootstrap[0] - human) / scale, (observed.bootstrap[1] - human) / scale),
        n=observed.n,
        domains=observed.domains,
        is_enough=observed.n >= rules.population.min_events,
        hidden=observed.hidden,
    )


def weekend_evenness(observed: Estimate, calendar: Estimate) -> float | None:
    """WEI (M8): events per non-business day / events per business day. 1 is a machine, 0 a person.

    As odds, so that groups whose validities were covered on different days compare; None when all days are of one kind.
    """
    if observed.value == 1 or calendar.value in (0, 1):
        return None
    return (observed.value / (1 - observed.value)) / (calendar.value / (1 - calendar.value))
