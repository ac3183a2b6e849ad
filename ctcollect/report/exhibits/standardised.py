"""T6c: CAs compared as if all of them served the same mix of organisation types."""

from collections.abc import Sequence
from typing import NamedTuple

from ctcollect.analysis.groups import ALL
from ctcollect.analysis.standardised import StandardisedRate, Standardiser
from ctcollect.report.estimates import EstimateRow, estimate_cell, estimate_row, rounded
from ctcollect.report.exhibit import Cell, Exhibit, Grid, Source, season_warning, too_few, why_nothing
from ctcollect.report.labels import class_label, group_label
from ctcollect.report.numbers import NOTHING, between, count, share

MEASURES = ("behaviour_automated", "behaviour_manual", "late")


class StandardisedRow(NamedTuple):
    """A line of T6c; shares are 0 to 1.

    ``raw`` with its interval as in T6b and T4, ``value`` standardised, ``of_all`` CAs over the same ``types``, which
    are ``covered`` of the standard. ``domain_...``: with one voice a registered domain. A CA with none or too few of
    the types has no ``value``.
    """

    group: str
    measure: str
    raw: float | None = None
    raw_low: float | None = None
    raw_high: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    of_all: float | None = None
    covered: float | None = None
    types: str = ""
    left_out: str = ""
    domain_raw: float | None = None
    domain_value: float | None = None
    domain_low: float | None = None
    domain_high: float | None = None
    domain_of_all: float | None = None
    n: int | None = None
    domains: int = 0
    coverage: str = "none"
    hidden: bool = False


def standardised_table(source: Source) -> Exhibit:
    """T6c: raw and standardised, by CA of the newest certificate."""
    groups = source.aggregates.groups("ca")
    standardisers = [Standardiser(source.aggregates, measure) for measure in MEASURES]
    lines = [
        [_row(source, each, measure, group) for each, measure in zip(standardisers, MEASURES, strict=True)]
        for group in groups
    ]
    rows = [row for line in lines for row in line]
    return Exhibit(
        id="T6c",
        name="ca-standardised",
        title=source.say("CAs at the same mix of organisation types"),
        columns=StandardisedRow._fields,
        rows=rows,
        n=estimate_row(source, MEASURES[0], ALL).n or 0,
        unit="lineages",
        coverage=source.aggregates.coverage.flag(),
        says=[*_about(source), *season_warning(source)],
        missing=_missing(source, rows),
        grid=Grid(_head(source), [_cells(source, line) for line in lines]),
    )


def _row(source: Source, standardiser: Standardiser, measure: str, group: str) -> StandardisedRow:
    raw = estimate_row(source, measure, group)
    if raw.value is None:
        return StandardisedRow(group, measure, domains=raw.domains, coverage=raw.coverage, hidden=raw.hidden)
    row = StandardisedRow(
        group=group,
        measure=measure,
        raw=raw.value,
        raw_low=raw.low,
        raw_high=raw.high,
        numerator=raw.numerator,
        denominator=raw.denominator,
        domain_raw=raw.domain_value,
        n=raw.n,
        domains=raw.domains,
        coverage=raw.coverage,
    )
    found = standardiser.rates(group.removeprefix("ca:"))
    return _with_rates(row, *found) if found else row


def _with_rates(row: StandardisedRow, observed: StandardisedRate, voices: StandardisedRate) -> StandardisedRow:
    """What the types cover is always told, rates only where that is enough."""
    row = row._replace(
        covered=rounded(observed.covered), types=" ".join(observed.types), left_out=" ".join(observed.left_out)
    )
    if not observed.is_enough:
        return row
    return row._replace(
        value=rounded(observed.value),
        low=rounded(observed.interval[0]),
        high=rounded(observed.interval[1]),
        of_all=rounded(observed.of_all),
        domain_value=rounded(voices.value),
        domain_low=rounded(voices.interval[0]),
        domain_high=rounded(voices.interval[1]),
        domain_of_all=rounded(voices.of_all),
    )


def _about(source: Source) -> list[str]:
    say = source.say
    return [
        say(
            "Directly standardised: a CA's rate in each organisation type, weighted by the type's share of all that is "
            "counted, whoever the CA is. So CAs compare as if all had the same customers. The interval of 95% is drawn "
            "by registered domain within each type."
        ),
        say(
            "A type of fewer than {least} registered domains of a CA is left out. The standardised rate is shown where "
            "the others are {share} of the standard or more; compare it with that of all CAs over the same types, "
            "which stands beside it.",
            least=source.rules.statistics.min_domains,
            share=share(source.rules.standard.min_share),
        ),
        say(
            "A name set and all of its past belong to the CA of its newest certificate: who was late and then changed "
            "the CA counts for the new one."
        ),
    ]


def _missing(source: Source, rows: Sequence[StandardisedRow]) -> str:
    if any(row.raw is not None for row in rows):
        return ""
    return too_few(source) if any(row.hidden for row in rows) else why_nothing(source, source.say("automation"))


def _head(source: Source) -> list[str]:
    say = source.say
    names = (class_label("automated", say), class_label("manual", say), say("late, of expiries at risk"))
    head = [say("CA")]
    for name in names:
        head += [name, say("{name}, standardised", name=name), say("all CAs, same types")]
    return [*head, say("types left out")]


def _cells(source: Source, line: Sequence[StandardisedRow]) -> list[Cell]:
    cells = [Cell(group_label(line[0].group, source.say))]
    for row in line:
        cells += [_raw_cell(source, row), *_standardised_cells(source, row)]
    return [*cells, _left_out(source, line[0])]


def _raw_cell(source: Source, row: StandardisedRow) -> Cell:
    shown = EstimateRow(
        row.group, "", row.measure, row.raw, row.numerator, row.denominator, row.raw_low, row.raw_high,
        domains=row.domains, hidden=row.hidden,
    )  # fmt: skip
    return _with_voices(source, estimate_cell(shown), row.domain_raw)


def _standardised_cells(source: Source, row: StandardisedRow) -> list[Cell]:
    """What the types cover stands also where that is too little for a rate."""
    if row.covered is None:
        return [Cell(NOTHING), Cell(NOTHING)]
    covered = source.say("{share} of the standard", share=share(row.covered))
    if row.value is None or row.low is None or row.high is None:
        return [Cell(NOTHING, [covered]), Cell(NOTHING)]
    found = Cell(share(row.value), [between((row.low, row.high), "share"), covered])
    return [
        _with_voices(source, found, row.domain_value),
        _with_voices(source, Cell(share(row.of_all)), row.domain_of_all),
    ]


def _with_voices(source: Source, cell: Cell, value: float | None) -> Cell:
    """With the value that gives each registered domain one voice."""
    if value is None:
        return cell
    return Cell(cell.main, [*cell.small, source.say("{value} by domain", value=share(value))])


def _left_out(source: Source, row: StandardisedRow) -> Cell:
    """Of the first measure."""
    names = [group_label(f"organisation:{name}", source.say) for name in row.left_out.split()]
    return Cell(count(len(names)) if row.covered is not None else NOTHING, names)
