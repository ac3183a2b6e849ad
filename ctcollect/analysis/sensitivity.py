"""How far the classes hang on the index's parameters: each varied alone, and how many lineages change their class."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from ctcollect.analysis.automation import measure_automation
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.rules import Rules

FACTORS = (0.5, 2.0)
THRESHOLDS = ((60.0, 40.0), (75.0, 25.0))  # automated from, manual until
VARIED = ("machine_median_d", "machine_sigma", "human_median_d", "human_sigma", "human_outside_office", "clip")


class Variant(NamedTuple):
    """Rules with one change; ``id`` names the parameter in rules.toml, ``text`` its value."""

    id: str
    text: str
    rules: Rules


def variants(rules: Rules) -> list[Variant]:
    """Each parameter of E_reg and E_cal halved and doubled, and the thresholds moved in and out."""
    found = [
        Variant(f"index.{name}", f"{value:g}", replace(rules, index=replace(rules.index, **{name: value})))
        for name in VARIED
        for factor in FACTORS
        for value in [getattr(rules.index, name) * factor]
    ]
    for automated, manual in THRESHOLDS:
        index = replace(rules.index, automated_from=automated, manual_until=manual)
        moved = replace(rules, index=index)
        found.append(Variant("index.automated_from/manual_until", f"{automated:g}/{manual:g}", moved))
    return found


def flips(results: Iterable[LineageResult], changed: Iterable[Variant]) -> Counter[tuple[str, str]]:
    """By a variant's id and text, how many of the lineages have another class with it."""
    kept = list(changed)
    counts: Counter[tuple[str, str]] = Counter()
    for result in results:
        regime = result.switches[-1].event if result.switches else 0
        for each in kept:
            other = measure_automation(result.events, result.renewals, result.parallel_degree, regime, each.rules)
            counts[each.id, each.text] += other.automation_class != result.automation_class
    return counts
