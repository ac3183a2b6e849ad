"""T8 and F11: what the shorter validities of SC-081v3 mean."""

from collections.abc import Sequence

from ctcollect.analysis.measures import PHASES
from ctcollect.report.estimates import EstimateRow, estimate_cell, estimate_rows
from ctcollect.report.exhibit import ORGANISATION_GROUPS, Cell, Exhibit, Grid, Source, too_few, why_nothing
from ctcollect.report.labels import group_label

OVER = tuple(f"over_{phase}" for phase in PHASES)
MANUAL_OVER = tuple(f"manual_over_{phase}" for phase in PHASES)
LOADS = ("load_now", *(f"load_{phase}" for phase in PHASES))


def exposure_table(source: Source) -> Exhibit:
    """T8: name sets in use whose validity will not be allowed, those of them renewed by hand, renewals a year."""
    shares = estimate_rows(source, (*OVER, *MANUAL_OVER), ORGANISATION_GROUPS)
    loads = estimate_rows(source, LOADS, ORGANISATION_GROUPS)
    say = source.say
    head = [
        say("organisation type"),
        *(say("lasts over {days} days", days=phase) for phase in PHASES),
        *(say("of these by hand ({days})", days=phase) for phase in PHASES),
        say("renewals a year now"),
        *(say("at {days} days", days=phase) for phase in PHASES),
    ]
    return Exhibit(
        id="T8",
        name="exposure",
        title=say("Ready for 47 days? (ballot SC-081v3)"),
        columns=EstimateRow._fields,
        rows=[*shares, *loads],
        n=shares[0].n or 0,
        unit="lineages",
        coverage=source.aggregates.coverage.flag(),
        says=_about(source),
        missing=_missing(source, shares),
        grid=Grid(head, _grid_rows(source, shares, loads)),
    )


def _about(source: Source) -> list[str]:
    return [
        source.say(
            "Name sets with a valid certificate at the end of what was observed. By hand: of those that last longer "
            "and could be classified."
        ),
        source.say(
            "Renewals a year are a scenario, not a forecast: each name set goes on with its own share of the validity, "
            "or with the usual one where its validity must shrink."
        ),
    ]


def _missing(source: Source, rows: Sequence[EstimateRow]) -> str:
    if any(row.value is not None for row in rows):
        return ""
    return (
        too_few(source) if any(row.hidden for row in rows) else why_nothing(source, source.say("certificates in use"))
    )


def _grid_rows(source: Source, shares: Sequence[EstimateRow], loads: Sequence[EstimateRow]) -> list[list[Cell]]:
    width, rows = len(OVER) + len(MANUAL_OVER), []
    for place, group in enumerate(ORGANISATION_GROUPS):
        of_shares = shares[place * width : (place + 1) * width]
        of_loads = loads[place * len(LOADS) : (place + 1) * len(LOADS)]
        cells = [*map(estimate_cell, of_shares), *(estimate_cell(row, "number") for row in of_loads)]
        rows.append([Cell(group_label(group, source.say)), *cells])
    return rows


def load_figure(source: Source) -> Exhibit:
    """F11: renewals a year and name set, now and under each limit, by organisation type."""
    rows = estimate_rows(source, LOADS, ORGANISATION_GROUPS)
    shown = [row for row in rows if row.value is not None]
    dates = {"load_now": None, **{f"load_{each.id}": each.issued_from for each in source.rules.phases}}
    say = source.say
    return Exhibit(
        id="F11",
        name="load",
        title=say("Renewals a year of one name set, under each limit"),
        columns=("allowed_from", *EstimateRow._fields),
        rows=[(dates[row.measure], *row) for row in rows],
        n=(shown[0].n or 0) if shown else 0,
        unit="lineages",
        coverage=source.aggregates.coverage.flag(),
        says=[say("Means over name sets in use, with the interval of 95% by registered domain. A scenario.")],
        missing="" if shown else _missing(source, rows),
    )
