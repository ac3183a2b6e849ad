"""Directly standardised rates: CAs compared as if all of them served the same mix of organisation types.

A CA's rate in each organisation type, weighted by the type's share of the standard: all that the measure counts,
whoever the CA is. A type in which the CA has too few registered domains is left out and the others' weights are scaled
up; therefore what all CAs together have over the same types stands beside it. Method: Breslow and Day, Statistical
Methods in Cancer Research II (1987), chapter 2. The interval is not Fay and Feuer's (1997), which takes events as
independent: name sets of one registered domain are alike, so that domains are drawn anew within each type.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ctcollect.analysis.aggregates import Aggregates
from ctcollect.analysis.cells import Pairs, sums_of
from ctcollect.analysis.confidence import Interval, stratified_bootstrap, wilson
from ctcollect.analysis.covered_days import ALL_TIMES
from ctcollect.analysis.grouped import Key
from ctcollect.analysis.groups import LOCAL_GOVERNMENT, ORGANISATION_TYPES
from ctcollect.analysis.measures import MEASURES
from ctcollect.analysis.rules import Rules, Statistics

# The overlay lies over other types, and strata must not.
TYPES = tuple(name for name in ORGANISATION_TYPES if f"organisation:{name}" != LOCAL_GOVERNMENT)
# By organisation type: of each registered domain (numerator, denominator), and how many domains have which.
Strata = Mapping[str, Pairs]


@dataclass(frozen=True, slots=True)
class StandardisedRate:
    """Shares, 0 to 1: ``value`` of a CA, ``of_all`` CAs over the same ``types``, which are ``covered`` of the standard.

    ``left_out``: the other types of the standard. ``is_enough``: whether ``covered`` is what the rules ask for.
    """

    value: float
    interval: Interval
    of_all: float
    covered: float
    types: tuple[str, ...]
    left_out: tuple[str, ...]
    is_enough: bool


class Standardiser:
    """For one measure that is a share (``measures.MEASURES``); what all CAs have is added up once."""

    def __init__(self, aggregates: Aggregates, measure: str) -> None:
        self._aggregates = aggregates
        self._measure = measure
        self._of_all = self._strata("organisation:{}")

    def rates(self, owner: str) -> tuple[StandardisedRate, StandardisedRate] | None:
        """Of a CA's owner: by observation, and with one voice a registered domain; None without a type to compare."""
        of_one = self._strata(f"ca_organisation:{{}}:{owner}")
        name, rules = f"{self._measure}/standardised/{owner}", self._aggregates.rules
        by_observation, by_domain = (
            standardised(one, whole, f"{name}{suffix}", rules)
            for one, whole, suffix in zip(of_one, self._of_all, ("", "/domains"), strict=True)
        )
        return (by_observation, by_domain) if by_observation and by_domain else None

    def _strata(self, group: str) -> tuple[Strata, Strata]:
        measure = MEASURES[self._measure]
        observed, voices = {}, {}
        for name in TYPES:
            cell = self._aggregates.cells.of(Key(measure.family, group.format(name), ALL_TIMES))
            pairs, values = cell.pairs(measure) if cell else (Pairs(), Pairs())
            if pairs:
                observed[name], voices[name] = pairs, values
        return observed, voices


def standardised(of_one: Strata, of_all: Strata, name: str, rules: Rules) -> StandardisedRate | None:
    """``of_one`` by the mix of ``of_all``, in the types where it has domains enough; None when there is none.

    ``name`` and the seed decide the draws of the interval.
    """
    least = rules.statistics.min_domains
    types = tuple(each for each in of_all if each in of_one and of_one[each].total() >= least)
    if not types:
        return None
    sizes = {each: sums_of(pairs)[1] for each, pairs in of_all.items()}
    whole = sum(sizes[each] for each in types)
    weights = {each: sizes[each] / whole for each in types}
    value = sum(weights[each] * _rate(of_one[each]) for each in types)
    covered = whole / sum(sizes.values())
    return StandardisedRate(
        value=value,
        interval=_interval(value, [(weights[each], of_one[each]) for each in types], name, rules.statistics),
        of_all=sum(weights[each] * _rate(of_all[each]) for each in types),
        covered=covered,
        types=types,
        left_out=tuple(each for each in of_all if each not in types),
        is_enough=covered >= rules.standard.min_share,
    )


def _rate(pairs: Pairs) -> float:
    numerator, denominator = sums_of(pairs)
    return numerator / denominator


def _interval(value: float, strata: list[tuple[float, Pairs]], name: str, statistics: Statistics) -> Interval:
    """Drawn by domain within each type; where no draw differs, Wilson's with Kish's effective size (1965)."""
    low, high = stratified_bootstrap(strata, name, statistics)
    if low < high:
        return low, high
    effective = 1 / sum(weight**2 / pairs.total() for weight, pairs in strata)
    return wilson(value * effective, effective, statistics.confidence)
