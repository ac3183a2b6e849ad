"""What a report says of the renewal scenarios in a collection, held against what it must say.

Needs the extra ``ctcollect[analysis]``.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ctcollect.analysis.domain import analyse_domain
from ctcollect.analysis.issuance import Issuance
from ctcollect.analysis.japan_days import Day, day_at
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.rules import default_rules
from ctcollect.analysis_data import Dataset
from ctcollect.local_log.scenarios import ExpectedLineage, Scenario, scenarios
from ctcollect.report.facts import Choice, read_facts

EXACT = (
    "certificates", "parallel_degree", "renewals", "late", "long_late", "lapses", "covered_lapses", "suspect_missing",
    "censored", "early_reissues", "ca_switches", "automation_class",
)  # fmt: skip
UNCOVERED = ("late", "long_late", "lapse")

# By a lineage's names: its row of lineages.csv, and what the analysis says of it.
Rows = Mapping[tuple[str, ...], Mapping[str, str]]
Results = Mapping[tuple[str, ...], LineageResult]
Bounds = tuple[float, float] | None


class Checked(NamedTuple):
    """``as_expected`` of ``scenarios``; ``wrong`` says, in a line each, what is not."""

    as_expected: int
    scenarios: int
    wrong: tuple[str, ...]


def check_scenarios(lineages_csv: Path, dataset: Dataset) -> Checked:
    """The rows of a report, and what they do not tell (days, ends, lengths of gaps) from the data it was made of."""
    rows, results = read_rows(lineages_csv), analyse_scenarios(dataset)
    wrong = {scenario: list(differences(scenario, rows, results)) for scenario in scenarios()}
    lines = [f"scenario {each.number} ({each.title}): {line}" for each, found in wrong.items() for line in found]
    return Checked(sum(not each for each in wrong.values()), len(wrong), tuple(lines))


def read_rows(lineages_csv: Path) -> dict[tuple[str, ...], dict[str, str]]:
    """Those of the scenarios."""
    wanted = _lineages()
    with lineages_csv.open(newline="", encoding="utf-8") as file:
        named = ((tuple(row["names"].split(" ")), row) for row in csv.DictReader(file))
        return {names: row for names, row in named if names in wanted}


def analyse_scenarios(dataset: Dataset) -> dict[tuple[str, ...], LineageResult]:
    """What the analysis finds in the lineages of the scenarios."""
    rules, wanted = default_rules(), _lineages()
    by_domain: dict[str, list[Issuance]] = {}
    for lineage in dataset.lineages():
        for row in lineage.issuances if lineage.names in wanted else ():
            by_domain.setdefault(row.registered_domains[0], []).append(row)
    coverage = read_facts(dataset, Choice()).coverage(rules)
    results = (analyse_domain(domain, each, coverage, rules)[0] for domain, each in by_domain.items())
    return {result.names: result for of_domain in results for result in of_domain}


def _lineages() -> set[tuple[str, ...]]:
    return {lineage.names for scenario in scenarios() for lineage in scenario.lineages}


def differences(scenario: Scenario, rows: Rows, results: Results) -> Iterator[str]:
    """What is not as the scenario wants it, in a line each."""
    for expected in scenario.lineages:
        name = " ".join(expected.names)
        if expected.names not in rows or expected.names not in results:
            yield f"{name} was not found"
            continue
        row, result = rows[expected.names], results[expected.names]
        yield from (f"{name}: {line}" for line in (*_of_row(expected, row), *_of_result(expected, result)))
    found = [day for lineage in scenario.lineages for day in _days(results.get(lineage.names))]
    wanted = [(each.day, each.kind, each.is_national_holiday) for each in scenario.days]
    if wanted and found != wanted:
        yield f"the days are {found}, not {wanted}"


def _of_row(expected: ExpectedLineage, row: Mapping[str, str]) -> Iterator[str]:
    for column in EXACT:
        if row[column] != str(getattr(expected, column)):
            yield f"{column} is {row[column]}, not {getattr(expected, column)}"
    for column, bounds in (("median_interval_days", expected.interval_days), ("median_lead_days", expected.lead_days)):
        yield from _outside(column, [float(row[column] or "nan")], bounds)


def _of_result(expected: ExpectedLineage, result: LineageResult) -> Iterator[str]:
    gaps = [gap for gap in result.gaps if gap.kind in UNCOVERED]
    yield from _outside("the elapsed part of the validity", [result.median_elapsed or 0.0], expected.elapsed)
    yield from _outside("the gap in days", [gap.days for gap in gaps], expected.gap_days)
    expired = [f"{day.date} {day.kind}" for day in (day_at(gap.expired_s) for gap in gaps)]
    if expected.expired and expired != [expected.expired]:
        yield f"it expired on {expired}, not on {expected.expired}"
    if expected.end and result.end != expected.end:
        yield f"its end is {result.end}, not {expected.end}"


def _outside(what: str, values: Sequence[float], bounds: Bounds) -> Iterator[str]:
    """Nothing when each of the values, one at least, lies in the bounds, or when there are none."""
    if bounds and not (values and all(bounds[0] <= value <= bounds[1] for value in values)):
        shown = ", ".join(f"{value:.6g}" for value in values) or "unknown"
        yield f"{what} is {shown}, not in {bounds[0]} to {bounds[1]}"


def _days(result: LineageResult | None) -> Iterable[tuple[str, str, bool]]:
    """On which days its certificates were issued."""
    days: list[Day] = [day_at(each.issued_s) for each in (result.certificates if result else ())]
    return [(f"{day.date:%Y-%m-%d %a}", day.kind, day.is_national_holiday) for day in days]
