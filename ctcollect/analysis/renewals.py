"""Renewals (M3, M4): which certificate followed which, after how long, and which of these intervals mean anything."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Literal, NamedTuple

from ctcollect.analysis.coverage import Coverage
from ctcollect.analysis.dispersion import median
from ctcollect.analysis.events import Event
from ctcollect.analysis.issuance import DAY_S
from ctcollect.analysis.rules import MassRevocation, Rules

Status = Literal["renewal", "early_reissue", "suspect_missing", "censored"]


class Renewal(NamedTuple):
    """``event`` was followed by ``successor``; both are places in the lineage's events.

    Days between the two notBefore, the part of the validity that had passed, and the days left, negative when late.
    Only one with the status "renewal" is a measurement; ``cause`` is the id of the mass revocation behind a reissue.
    """

    event: int
    successor: int
    interval_days: float
    validity_days: float
    validity_class: str
    status: Status
    cause: str | None = None

    @property
    def elapsed(self) -> float:
        return self.interval_days / self.validity_days

    @property
    def lead_days(self) -> float:
        return self.validity_days - self.interval_days


def find_renewals(events: Sequence[Event], degree: int, coverage: Coverage, rules: Rules) -> list[Renewal]:
    """Each event with its ``degree``-th successor. None is "suspect_missing" yet: that takes the gaps."""
    pairs = [_pair(events, place, place + degree, coverage, rules) for place in range(len(events) - degree)]
    return _with_early_reissues(pairs, events, rules)


def _pair(events: Sequence[Event], place: int, successor: int, coverage: Coverage, rules: Rules) -> Renewal:
    event, later = events[place], events[successor]
    is_covered = all(coverage.covers(event.issued_s, later.issued_s, each.validity_days) for each in (event, later))
    return Renewal(
        event=place,
        successor=successor,
        interval_days=(later.start_s - event.start_s) / DAY_S,
        validity_days=event.validity_days,
        validity_class=rules.validity_class(event.validity_days),
        status="renewal" if is_covered else "censored",
    )


def _with_early_reissues(renewals: Sequence[Renewal], events: Sequence[Event], rules: Rules) -> list[Renewal]:
    shortest = _shortest_days(renewals, rules)
    return [
        each._replace(status="early_reissue", cause=cause)
        if (cause := _revocation_behind(each, events, rules))
        or each.elapsed < rules.early.elapsed
        or each.interval_days < shortest[each.validity_class]
        else each
        for each in renewals
    ]


def _shortest_days(renewals: Sequence[Renewal], rules: Rules) -> dict[str, float]:
    """By validity class the interval below which a reissue was no renewal; 0 where too few are known.

    Within a class, because a shorter validity makes shorter intervals and no reissue.
    """
    intervals = defaultdict(list)
    for each in renewals:
        if each.status == "renewal" and each.lead_days >= 0:
            intervals[each.validity_class].append(each.interval_days)
    enough = {name: days for name, days in intervals.items() if len(days) >= rules.early.min_intervals}
    return defaultdict(float, {name: rules.early.of_median * median(days) for name, days in enough.items()})


def _revocation_behind(renewal: Renewal, events: Sequence[Event], rules: Rules) -> str | None:
    """The mass revocation that a replacement answers; an ordinary renewal in the same days does not."""
    if renewal.elapsed >= rules.early.revocation_elapsed:
        return None
    event, later = events[renewal.event], events[renewal.successor]
    issued, replaced = _day(event.issued_s), _day(later.issued_s)
    return next((each.id for each in rules.mass_revocations if _answers(each, event, issued, replaced)), None)


def _answers(revocation: MassRevocation, event: Event, issued: date, replaced: date) -> bool:
    return (
        revocation.owner in event.owners
        and revocation.issued_from <= issued <= revocation.issued_until
        and revocation.notice <= replaced <= revocation.replaced_until
    )


def _day(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()
