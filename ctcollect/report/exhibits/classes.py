"""T6: who renews by machine, by organisation type and by CA."""

from collections.abc import Sequence

from ctcollect.analysis.automation import AUTOMATION_CLASSES
from ctcollect.analysis.groups import ALL
from ctcollect.analysis.measures import CLASSIFIED
from ctcollect.report.estimates import EstimateRow, estimate_cell, estimate_rows
from ctcollect.report.exhibit import (
    ORGANISATION_GROUPS,
    Cell,
    Exhibit,
    Grid,
    Source,
    season_warning,
    too_few,
    why_nothing,
)
from ctcollect.report.labels import class_label, group_label
from ctcollect.report.numbers import count

COUNTED = tuple(f"class_{name}" for name in AUTOMATION_CLASSES)
SHARES = tuple(f"classified_{name}" for name in CLASSIFIED)
BEHAVIOUR = tuple(f"behaviour_{name}" for name in CLASSIFIED)


def class_table(source: Source) -> Exhibit:
    """T6 by organisation type: classes of all name sets, and shares of those that could be classified."""
    rows = estimate_rows(source, (*COUNTED, *SHARES), ORGANISATION_GROUPS)
    say = source.say
    head = [
        say("organisation type"),
        *(class_label(name, say) for name in AUTOMATION_CLASSES),
        *(say("{name}, of the classified", name=class_label(name, say)) for name in CLASSIFIED),
    ]
    says = [
        say(
            "From the spread of the lead time, from office hours in Tokyo and a weak prior of the validity. "
            "Automated means scheduled: a person on fixed duty looks like a machine. Who renews by the year has "
            "rarely enough renewals to tell."
        ),
        *season_warning(source),
    ]
    grid = Grid(head, _grid_rows(source, rows, len(COUNTED) + len(SHARES)))
    return _table(source, ("T6", "classes", say("Automated or manual, by organisation type")), rows, says, grid)


def ca_table(source: Source) -> Exhibit:
    """T6b by CA: the class by behaviour alone, for the validity belongs to the CA."""
    groups = (ALL, *source.aggregates.groups("ca"))
    rows = estimate_rows(source, BEHAVIOUR, groups)
    say = source.say
    head = [say("CA"), *(class_label(name, say) for name in CLASSIFIED), say("registered domains")]
    lines = _grid_rows(source, rows, len(BEHAVIOUR))
    domains = [Cell(count(source.aggregates.domains(group))) for group in groups]
    says = [
        say(
            "By behaviour alone: the validity is left out, or the CA would decide. CAs serve different "
            "organisations; a difference between two CAs may be one between their customers, which table T6c takes out."
        )
    ]
    grid = Grid(head, [[*line, cell] for line, cell in zip(lines, domains, strict=True)])
    title = say("Automated or manual, by CA of the newest certificate")
    return _table(source, ("T6b", "classes-by-ca", title), rows, says, grid)


def _table(
    source: Source, heading: tuple[str, str, str], rows: Sequence[EstimateRow], says: Sequence[str], grid: Grid
) -> Exhibit:
    """``heading``: id, name of the file, title."""
    exhibit_id, name, title = heading
    return Exhibit(
        id=exhibit_id,
        name=name,
        title=title,
        columns=EstimateRow._fields,
        rows=rows,
        n=rows[0].n or 0,
        unit="lineages",
        coverage=source.aggregates.coverage.flag(),
        says=says,
        missing=_missing(source, rows),
        grid=grid,
    )


def _missing(source: Source, rows: Sequence[EstimateRow]) -> str:
    if any(row.value is not None for row in rows):
        return ""
    return too_few(source) if any(row.hidden for row in rows) else why_nothing(source, source.say("automation"))


def _grid_rows(source: Source, rows: Sequence[EstimateRow], width: int) -> list[list[Cell]]:
    lines = [rows[at : at + width] for at in range(0, len(rows), width)]
    return [[Cell(group_label(line[0].group, source.say)), *map(estimate_cell, line)] for line in lines]
