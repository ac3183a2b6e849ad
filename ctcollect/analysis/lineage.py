"""One lineage (L1: an exact name set), from its certificates to its result."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal, NamedTuple

from ctcollect.analysis.automation import Automation, AutomationClass, measure_automation
from ctcollect.analysis.cover import DomainCover
from ctcollect.analysis.coverage import Coverage
from ctcollect.analysis.events import Event, bundle, parallel_degree
from ctcollect.analysis.gaps import Gap, GapKind, find_gaps, without_missing
from ctcollect.analysis.issuance import DAY_S, HOUR_S, Dated, Issuance, in_order
from ctcollect.analysis.renewals import Renewal, Status, find_renewals
from ctcollect.analysis.rules import Rules
from ctcollect.analysis.switches import Switch, find_switches
from ctcollect.domains import organisation_type

End = Literal["current", "san_change", "covered", "expired", "censored"]


class Expiry(NamedTuple):
    """One expiry that was at risk (M6b): all up to the late limit after it was covered.

    ``gap_days`` is None when the successor came in time.
    """

    event: int
    gap_days: float | None


@dataclass(frozen=True, slots=True)
class LineageResult:
    """What one lineage shows of one registered domain; ``weight`` is 1 / number of its registered .jp domains.

    A name set over several domains gives each a result; only the one that ``is_primary`` is a row of lineages.csv.
    ``censored_until_s`` is the end of what was observed after its last certificate.
    """

    names: tuple[str, ...]
    registered_domain: str
    organisation_type: str
    is_primary: bool
    weight: float
    certificates: tuple[Dated, ...]
    events: tuple[Event, ...]
    parallel_degree: int
    renewals: tuple[Renewal, ...]
    gaps: tuple[Gap, ...]
    expiries: tuple[Expiry, ...]
    switches: tuple[Switch, ...]
    automation: Automation
    end: End
    censored_until_s: float

    @property
    def measured(self) -> list[Renewal]:
        """The renewals that count; none of a fleet, of which nobody knows what followed what."""
        if self.automation.automation_class == "fleet":
            return []
        return [each for each in self.renewals if each.status == "renewal"]

    @property
    def median_interval_days(self) -> float | None:
        return median(each.interval_days for each in self.measured) if self.measured else None

    @property
    def median_lead_days(self) -> float | None:
        return median(each.lead_days for each in self.measured) if self.measured else None

    @property
    def median_elapsed(self) -> float | None:
        return median(each.elapsed for each in self.measured) if self.measured else None

    @property
    def automation_class(self) -> AutomationClass:
        return self.automation.automation_class

    def gap_count(self, kind: GapKind) -> int:
        return sum(each.kind == kind for each in self.gaps)

    def renewal_count(self, status: Status) -> int:
        return sum(each.status == status for each in self.renewals)


def analyse_lineage(
    certificates: Sequence[Issuance],
    coverage: Coverage,
    rules: Rules,
    cover: DomainCover | None = None,
    lineage: int = 0,
) -> LineageResult:
    """The result of one name set, at least one usable certificate of it, each once (``issuance.unique``), any order.

    ``cover`` knows all lineages of the registered domain, this one under the number ``lineage``; without it no other
    certificate covers a gap and the lineage stands for its first registered domain.
    """
    ordered = in_order(certificates)
    names, domains = certificates[0].names, certificates[0].registered_domains
    cover = cover or DomainCover(domains[0])
    events = bundle(ordered, rules)
    degree = parallel_degree(events, rules)
    renewals = find_renewals(events, degree, coverage, rules)
    gaps = find_gaps(events, renewals, names, lineage, cover, coverage, rules)
    renewals = without_missing(renewals, gaps)
    observed_until_s = coverage.until(events[-1].issued_s, events[-1].validity_days)
    switches = find_switches(events, observed_until_s)
    return LineageResult(
        names=names,
        registered_domain=cover.domain,
        organisation_type=organisation_type(cover.domain),
        is_primary=cover.domain == domains[0],
        weight=1 / len(domains),
        certificates=tuple(ordered),
        events=tuple(events),
        parallel_degree=degree,
        renewals=tuple(renewals),
        gaps=tuple(gaps),
        expiries=tuple(_expiries(events, renewals, gaps, degree, coverage, rules)),
        switches=tuple(switches),
        automation=measure_automation(events, renewals, degree, switches[-1].event if switches else 0, rules),
        end=_end(events, names, lineage, cover, observed_until_s, rules),
        censored_until_s=observed_until_s,
    )


def _expiries(
    events: Sequence[Event],
    renewals: Sequence[Renewal],
    gaps: Sequence[Gap],
    degree: int,
    coverage: Coverage,
    rules: Rules,
) -> list[Expiry]:
    """The risk set of M6b: expiries that were answered in time or late, where both would have been seen alike.

    Reissues are not routine, and who comes back after the late limit has stopped: neither is in it.
    """
    late = {each.event: each.days for each in gaps if each.kind == "late"}
    gone = {each.event for each in gaps if each.kind not in ("late", "noise")}
    answered = {each.event for each in renewals if each.status == "renewal"} - gone
    return [
        Expiry(place, late.get(place))
        for place in sorted(answered | late.keys())
        if coverage.covers(
            events[place].issued_s, events[place].end_s + rules.gap.late_d * DAY_S, events[place].validity_days
        )
    ]


def _end(
    events: Sequence[Event],
    names: Sequence[str],
    lineage: int,
    cover: DomainCover,
    observed_until_s: float,
    rules: Rules,
) -> End:
    """What became of the name set after its last certificate."""
    expires_s = max(each.end_s for each in events)
    after_s = expires_s + rules.gap.late_d * DAY_S
    if expires_s > observed_until_s >= events[-1].issued_s:
        return "current"
    if cover.has_successor(names, events[-1].issued_s, after_s, lineage):
        return "san_change"
    if cover.covers(names, (expires_s, after_s), rules.gap.noise_h * HOUR_S, lineage):
        return "covered"
    return "expired" if observed_until_s >= after_s else "censored"
