"""Events: certificates of one name set that were issued together; and how many streams of them run side by side."""

from collections.abc import Sequence
from typing import NamedTuple

from ctcollect.analysis.ca_owners import ca_owner
from ctcollect.analysis.dispersion import dispersion, median
from ctcollect.analysis.issuance import DAY_S, HOUR_S, Dated
from ctcollect.analysis.rules import Rules

# Two intervals are alike by chance too often.
MIN_INTERVALS = 3


class Event(NamedTuple):
    """A bundle. ``issued_s`` is its first time of issue, ``start_s`` its first notBefore, ``end_s`` its last end.

    ``owners`` are those who operate the CAs that issued it (ca_owners.json).
    """

    issued_s: float
    start_s: int
    end_s: int
    is_time_known: bool
    validity_days: float
    owners: frozenset[str]
    certificates: int


def bundle(certificates: Sequence[Dated], rules: Rules) -> list[Event]:
    """The events of one lineage (M1), from certificates in order of issue.

    A certificate joins the latest event that began at most a day before and has about its validity: RSA beside ECDSA,
    two servers with one cron table.
    """
    groups: list[list[Dated]] = []
    window_s, tolerance_d = rules.bundling.window_h * HOUR_S, rules.bundling.validity_d
    first_open = 0
    for each in certificates:
        while first_open < len(groups) and each.issued_s - groups[first_open][0].issued_s > window_s:
            first_open += 1
        for group in reversed(groups[first_open:]):
            if abs(group[0].validity_days - each.validity_days) <= tolerance_d:
                group.append(each)
                break
        else:
            groups.append([each])
    return [_event(group) for group in groups]


def _event(group: Sequence[Dated]) -> Event:
    first = group[0]
    return Event(
        issued_s=first.issued_s,
        start_s=min(each.start_s for each in group),
        end_s=max(each.end_s for each in group),
        is_time_known=first.is_time_known,
        validity_days=first.validity_days,
        owners=frozenset(ca_owner(each.issuance.issuer_o, each.issuance.issuer_cn) for each in group),
        certificates=len(group),
    )


def parallel_degree(events: Sequence[Event], rules: Rules) -> int:
    """How many streams of renewals the lineage has (M2), 1 to 8.

    The smallest k at which an event and its k-th successor lie a plausible part of the validity apart, always about the
    same. Streams that are equally spaced cannot be told from one faster stream.
    """
    limits = rules.parallel
    if len(events) < limits.min_events:
        return 1
    spreads: dict[int, float] = {}
    for degree in range(1, min(limits.max_degree, len(events) - MIN_INTERVALS) + 1):
        pairs = list(zip(events, events[degree:], strict=False))
        intervals = [(later.start_s - event.start_s) / DAY_S for event, later in pairs]
        elapsed = median([days / event.validity_days for days, (event, _) in zip(intervals, pairs, strict=True)])
        if limits.min_elapsed <= elapsed <= limits.max_elapsed:
            spreads[degree] = dispersion(intervals, rules)
        elif elapsed > limits.max_elapsed:
            break  # a longer lag has longer intervals
    most = limits.dispersion_factor * min(spreads.values(), default=0.0) + limits.dispersion_slack_d
    return next((degree for degree, spread in spreads.items() if spread <= most), 1)
