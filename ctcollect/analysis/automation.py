"""Regularity (M5) and the automation index (M10): does a machine renew this name, or a person?

The index is a sum of log-odds, A = 100 / (1 + exp(-E)), E = E_reg + E_cal + E_val. The spread of the lead time tells
more than the interval's: a person who renews a year's certificate 5 to 35 days early has intervals as even as cron's.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ctcollect.analysis.dispersion import grouped_dispersion
from ctcollect.analysis.events import Event
from ctcollect.analysis.japan_days import day_at, is_office_time, non_business_share_of_year
from ctcollect.analysis.renewals import Renewal
from ctcollect.analysis.rules import Index, Rules

AutomationClass = Literal["automated", "manual", "mixed", "insufficient", "fleet"]
AUTOMATION_CLASSES: tuple[AutomationClass, ...] = ("automated", "manual", "mixed", "insufficient", "fleet")


@dataclass(frozen=True, slots=True)
class Automation:
    """The index, 0 (a person) to 100 (a machine), None with too few renewals, and the class it gives.

    ``behaviour_index`` and ``behaviour_class`` leave the validity out: for comparisons of CAs and of validities, which
    would otherwise find what was put in.
    """

    index: float | None
    automation_class: AutomationClass
    behaviour_index: float | None
    behaviour_class: AutomationClass
    lead_dispersion_days: float | None


def measure_automation(
    events: Sequence[Event], renewals: Sequence[Renewal], degree: int, regime: int, rules: Rules
) -> Automation:
    """``regime`` is the place of the first event since the last change of the CA."""
    known = [each for each in renewals if each.status == "renewal"]
    spread = lead_dispersion(known, regime, rules.validity_class(events[-1].validity_days), rules)
    if degree >= rules.parallel.max_degree:
        return Automation(None, "fleet", None, "fleet", spread)
    if spread is None:
        return Automation(None, "insufficient", None, "insufficient", None)
    regularity = regularity_evidence(spread, rules.index)
    # The change itself is a person's work whatever renews from then on.
    since = [events[each.successor] for each in known if each.successor > regime or regime == 0]
    behaviour = regularity + calendar_evidence(since, rules)
    total = behaviour + validity_evidence(events[-1].validity_days, rules.index)
    index, behaviour_index = _index(total), _index(behaviour)
    return Automation(
        index=index,
        automation_class=classify(index, regularity, rules.index),
        behaviour_index=behaviour_index,
        behaviour_class=classify(behaviour_index, regularity, rules.index),
        lead_dispersion_days=spread,
    )


def lead_dispersion(renewals: Sequence[Renewal], regime: int, newest_class: str, rules: Rules) -> float | None:
    """D of M5, days: of the newest validity class, since the last change of the CA where that is enough.

    With too few of the class, within all classes together; None with fewer than three renewals in time.
    """
    in_time = [each for each in renewals if each.lead_days >= 0]
    newest = [each for each in in_time if each.validity_class == newest_class]
    current = [each for each in newest if each.event >= regime]
    for chosen in (current, newest, in_time):
        if len(chosen) >= rules.regularity.min_leads:
            groups = defaultdict(list)
            for each in chosen:
                groups[each.validity_class].append(each.lead_days)
            if len(groups) == len(chosen):
                return None
            return grouped_dispersion(list(groups.values()), rules)
    return None


def regularity_evidence(dispersion_days: float, index: Index) -> float:
    """E_reg: log-odds of machine against person of this spread, each a log-normal."""
    log_days = math.log(max(dispersion_days, index.min_dispersion_d))
    machine = _log_normal(log_days, index.machine_median_d, index.machine_sigma)
    human = _log_normal(log_days, index.human_median_d, index.human_sigma)
    return _clip(machine - human, index)


def _log_normal(log_value: float, median: float, sigma: float) -> float:
    """The log of the density but for the terms that do not depend on median and sigma."""
    return -math.log(sigma) - ((log_value - math.log(median)) / sigma) ** 2 / 2


def calendar_evidence(events: Sequence[Event], rules: Rules) -> float:
    """E_cal: log-odds by office hours in Tokyo, or by business days where only the day is known."""
    return _clip(sum(_calendar_odds(each, rules) for each in events), rules.index)


def _calendar_odds(event: Event, rules: Rules) -> float:
    index = rules.index
    if event.is_time_known:
        machine, human = index.machine_outside_office, index.human_outside_office
        is_outside = not is_office_time(event.issued_s, rules)
    else:
        day = day_at(event.issued_s)
        machine, human = non_business_share_of_year(day.date.year), index.human_non_business
        is_outside = not day.is_business
    return math.log(machine / human) if is_outside else math.log((1 - machine) / (1 - human))


def validity_evidence(validity_days: float, index: Index) -> float:
    """E_val, a weak prior: +1 up to 100 days, 0 up to 200, -1 above."""
    if validity_days <= index.short_validity_d:
        return 1.0
    return 0.0 if validity_days <= index.long_validity_d else -1.0


def classify(value: float, regularity: float, index: Index) -> AutomationClass:
    """The class of an index; a machine must be regular besides."""
    if value >= index.automated_from and regularity > 0:
        return "automated"
    return "manual" if value <= index.manual_until else "mixed"


def _index(log_odds: float) -> float:
    return 100 / (1 + math.exp(-log_odds))


def _clip(value: float, index: Index) -> float:
    return max(-index.clip, min(index.clip, value))
