"""Gaps between an expiry and the next issuance of the same name set (M6), by what they mean.

Always an issuance gap, never an outage: Certificate Transparency does not show what a server serves.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from ctcollect.analysis.cover import DomainCover
from ctcollect.analysis.coverage import Coverage
from ctcollect.analysis.dispersion import dispersion, median
from ctcollect.analysis.events import Event
from ctcollect.analysis.issuance import DAY_S, HOUR_S
from ctcollect.analysis.renewals import Renewal
from ctcollect.analysis.rules import Rules

GapKind = Literal["noise", "covered_lapse", "censored", "suspect_missing", "late", "long_late", "lapse"]
GAP_KINDS: tuple[GapKind, ...] = (
    "noise", "covered_lapse", "censored", "suspect_missing", "late", "long_late", "lapse"
)  # fmt: skip


class Gap(NamedTuple):
    """``event`` was the last to expire, at ``expired_s``, before ``successor`` was issued; places in the events."""

    event: int
    successor: int
    expired_s: int
    days: float
    kind: GapKind


def find_gaps(
    events: Sequence[Event],
    renewals: Sequence[Renewal],
    names: Sequence[str],
    lineage: int,
    cover: DomainCover,
    coverage: Coverage,
    rules: Rules,
) -> list[Gap]:
    """The gaps of a lineage, measured from the running maximum of the expiries, not from the one before."""
    noise_s = rules.gap.noise_h * HOUR_S
    gaps = []
    last = 0
    for place, event in enumerate(events):
        hole = (events[last].end_s, event.issued_s)
        if hole[1] > hole[0]:
            kind = _by_length(hole[1] - hole[0], rules)
            if kind != "noise":
                kind = _excuse(events, last, place, renewals, coverage, rules) or kind
                kind = "covered_lapse" if cover.covers(names, hole, noise_s, lineage) else kind
            gaps.append(Gap(last, place, hole[0], (hole[1] - hole[0]) / DAY_S, kind))
        if event.end_s >= events[last].end_s:
            last = place
    return gaps


def _by_length(seconds: float, rules: Rules) -> GapKind:
    if seconds <= rules.gap.noise_h * HOUR_S:
        return "noise"
    if seconds <= rules.gap.late_d * DAY_S:
        return "late"
    return "long_late" if seconds <= rules.gap.long_late_d * DAY_S else "lapse"


def _excuse(
    events: Sequence[Event],
    last: int,
    place: int,
    renewals: Sequence[Renewal],
    coverage: Coverage,
    rules: Rules,
) -> GapKind | None:
    """Why the gap may be none: a certificate of this time would not have been seen, or one record is missing."""
    expired, later = events[last], events[place]
    if not all(coverage.covers(expired.issued_s, later.issued_s, each.validity_days) for each in (expired, later)):
        return "censored"
    return "suspect_missing" if _is_multiple(expired, later, renewals, rules) else None


def _is_multiple(expired: Event, later: Event, renewals: Sequence[Renewal], rules: Rules) -> bool:
    """The missing-record test: the interval is 2 to 8 times the lineage's own, which hardly varies.

    Of the same class and the same CA: who comes back from elsewhere has not merely lost a record.
    """
    kind, limits = rules.validity_class(expired.validity_days), rules.missing
    if kind != rules.validity_class(later.validity_days) or expired.owners.isdisjoint(later.owners):
        return False
    base = [each.interval_days for each in renewals if _is_base(each, kind)]
    if len(base) < limits.min_intervals:
        return False
    usual = median(base)
    ratio = (later.start_s - expired.start_s) / DAY_S / usual
    multiple = round(ratio)
    is_tight = dispersion(base, rules) <= limits.tolerance * usual
    is_near = abs(ratio - multiple) <= limits.tolerance * multiple
    return is_tight and 2 <= multiple <= limits.max_multiple and is_near


def _is_base(renewal: Renewal, validity_class: str) -> bool:
    return renewal.validity_class == validity_class and renewal.lead_days >= 0 and renewal.status == "renewal"


def without_missing(renewals: Sequence[Renewal], gaps: Sequence[Gap]) -> list[Renewal]:
    """The renewals with those that a missing record may have made long marked so."""
    suspects = [(gap.event, gap.successor) for gap in gaps if gap.kind == "suspect_missing"]
    return [
        each._replace(status="suspect_missing")
        if each.status == "renewal"
        and any(each.event <= place and each.successor >= next_ for place, next_ in suspects)
        else each
        for each in renewals
    ]
