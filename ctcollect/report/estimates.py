"""Shares, means and medians as rows of a CSV and as cells of the page; a hidden one keeps its number of domains."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ctcollect.analysis.cells import Estimate
from ctcollect.analysis.confidence import Interval
from ctcollect.analysis.covered_days import ALL_TIMES
from ctcollect.analysis.distributions import Summary
from ctcollect.report.exhibit import Cell, Source
from ctcollect.report.numbers import KINDS, NOTHING, between, count

PLACES = 6


class EstimateRow(NamedTuple):
    """A line of a CSV; shares are 0 to 1. ``low`` and ``high``: ``interval_of`` it."""

    group: str
    season: str
    measure: str
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    low: float | None = None
    high: float | None = None
    wilson_low: float | None = None
    wilson_high: float | None = None
    domain_value: float | None = None
    domain_low: float | None = None
    domain_high: float | None = None
    n: int | None = None
    domains: int = 0
    coverage: str = "none"
    hidden: bool = False

    @property
    def interval(self) -> Interval | None:
        return None if self.low is None or self.high is None else (self.low, self.high)


class SummaryRow(NamedTuple):
    """A distribution in a line: the median with its interval, quartiles, and the mean over domains of their medians."""

    group: str
    season: str
    quantity: str
    median: float | None = None
    median_low: float | None = None
    median_high: float | None = None
    first_quartile: float | None = None
    third_quartile: float | None = None
    domain_mean: float | None = None
    domain_low: float | None = None
    domain_high: float | None = None
    n: int | None = None
    domains: int = 0
    coverage: str = "none"
    hidden: bool = False


def estimate_rows(
    source: Source, measures: Iterable[str], groups: Sequence[str], seasons: Sequence[str] = (ALL_TIMES,)
) -> list[EstimateRow]:
    """A row a measure, group and season, also where there is nothing."""
    return [
        estimate_row(source, measure, group, season) for group in groups for season in seasons for measure in measures
    ]


def estimate_row(source: Source, measure: str, group: str, season: str = ALL_TIMES) -> EstimateRow:
    return row_of(source, source.aggregates.estimate(measure, group, season), measure, group, season)


def row_of(source: Source, found: Estimate | None, measure: str, group: str, season: str = ALL_TIMES) -> EstimateRow:
    """The row of an estimate; of None an empty one."""
    if found is None:
        return EstimateRow(group, season, measure, coverage=source.aggregates.coverage.flag())
    if found.hidden:
        return EstimateRow(group, season, measure, domains=found.domains, coverage=found.coverage, hidden=True)
    return _shown(found)


def interval_of(found: Estimate) -> Interval | None:
    """Drawn by registered domain; where all domains are alike no draw differs, and Wilson's is the honest one."""
    is_flat = found.bootstrap is None or found.bootstrap[0] == found.bootstrap[1]
    return found.wilson or found.bootstrap if is_flat else found.bootstrap


def _shown(found: Estimate) -> EstimateRow:
    low, high = ends(interval_of(found))
    wilson_low, wilson_high = ends(found.wilson)
    domain_low, domain_high = ends(found.domain_bootstrap)
    return EstimateRow(
        group=found.group,
        season=found.season,
        measure=found.measure,
        value=rounded(found.value),
        numerator=_amount(found.numerator),
        denominator=_amount(found.denominator),
        low=low,
        high=high,
        wilson_low=wilson_low,
        wilson_high=wilson_high,
        domain_value=rounded(found.domain_value),
        domain_low=domain_low,
        domain_high=domain_high,
        n=found.n,
        domains=found.domains,
        coverage=found.coverage,
    )


def summary_row(source: Source, name: str, group: str, season: str = ALL_TIMES) -> SummaryRow:
    """A distribution's row, empty where there is no value."""
    found, flag = source.aggregates.summary(name, group, season), source.aggregates.coverage.flag()
    if found is None:
        return SummaryRow(group, season, name, coverage=flag)
    if found.hidden:
        return SummaryRow(group, season, name, domains=found.domains, coverage=flag, hidden=True)
    return _summary(found, flag)


def _summary(found: Summary, flag: str) -> SummaryRow:
    domain_low, domain_high = ends(found.domain_bootstrap)
    median_low, median_high = ends(found.median_interval)
    first_quartile, third_quartile = ends(found.quartiles)
    return SummaryRow(
        group=found.group,
        season=found.season,
        quantity=found.name,
        median=rounded(found.median),
        median_low=median_low,
        median_high=median_high,
        first_quartile=first_quartile,
        third_quartile=third_quartile,
        domain_mean=rounded(found.domain_mean),
        domain_low=domain_low,
        domain_high=domain_high,
        n=found.n,
        domains=found.domains,
        coverage=flag,
    )


def ends(interval: Interval | None) -> tuple[float | None, float | None]:
    """Both as a CSV has them; None of none."""
    return (rounded(interval[0]), rounded(interval[1])) if interval else (None, None)


def rounded(value: float) -> float:
    """To the places of a CSV."""
    return round(float(value), PLACES)


def _amount(value: float) -> float:
    """A count as a whole number, whatever it was added up from."""
    return round(value) if float(value).is_integer() else rounded(value)


def estimate_cell(row: EstimateRow, shown: str = "share") -> Cell:
    """``1.2%`` over ``0.9%–1.5%`` and ``12 / 1,000``; of a hidden one how many domains there are."""
    if row.hidden or row.value is None:
        return Cell(NOTHING, [f"{row.domains:,} D"] if row.hidden else [])
    counts = f"{count(row.numerator)} / {count(row.denominator)}" if shown == "share" else f"n {count(row.n)}"
    return Cell(KINDS[shown](row.value), [between(row.interval, shown), counts])


def summary_cell(row: SummaryRow, shown: str = "number") -> Cell:
    """The median over its quartiles and n."""
    if row.hidden or row.median is None or row.first_quartile is None or row.third_quartile is None:
        return Cell(NOTHING, [f"{row.domains:,} D"] if row.hidden else [])
    quartiles = between((row.first_quartile, row.third_quartile), shown)
    return Cell(KINDS[shown](row.median), [quartiles, f"n {count(row.n)}"])
