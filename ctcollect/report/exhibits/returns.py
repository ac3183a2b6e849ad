"""T4c: how soon a name whose certificate had expired has one again."""

from collections.abc import Sequence
from typing import NamedTuple

from ctcollect.analysis.survival import kaplan_meier, share_by
from ctcollect.report.exhibit import ORGANISATION_GROUPS, Cell, Exhibit, Grid, Source, too_few, why_nothing
from ctcollect.report.labels import group_label
from ctcollect.report.numbers import NOTHING, between, count, share

PLACES = 6


class ReturnRow(NamedTuple):
    """A line of T4c: of ``n`` names that had expired the ``share`` with a new certificate within ``days``."""

    group: str
    days: float
    renewed: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    domains: int = 0
    coverage: str = "none"
    hidden: bool = False


def return_table(source: Source) -> Exhibit:
    """T4c: how many of the names that had expired are back within 5, 30 and 90 days, and how many are not."""
    limits = source.rules.gap
    steps = (float(limits.first_days_d), float(limits.late_d), float(limits.long_late_d))
    lines = [_return_rows(source, group, steps) for group in ORGANISATION_GROUPS]
    say = source.say
    head = [say("organisation type"), *(say("within {days} days", days=f"{days:g}") for days in steps)]
    head.append(say("not within {days} days: given up", days=f"{steps[-1]:g}"))
    whole = lines[0][0]
    return Exhibit(
        id="T4c",
        name="returns",
        title=say("Names that had expired: when they have a certificate again"),
        columns=ReturnRow._fields,
        rows=[row for line in lines for row in line],
        n=whole.n or 0,
        unit="gaps",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "Kaplan and Meier's estimate with Greenwood's interval of 95%, as in figure F6. Who is not back within "
                "90 days counts as given up, though some come back later."
            )
        ],
        missing=_nothing(source, whole.hidden, any(row.n for line in lines for row in line)),
        grid=Grid(head, [_return_cells(source, line) for line in lines]),
    )


def _return_rows(source: Source, group: str, limits: Sequence[float]) -> list[ReturnRow]:
    domains, flag = source.aggregates.domains(group), source.aggregates.coverage.flag()
    subjects = source.aggregates.tally(group).subjects()
    n = sum(subjects.values())
    if not n or source.is_hidden(group) or n < source.rules.statistics.min_domains:
        return [ReturnRow(group, days, domains=domains, coverage=flag, hidden=n > 0) for days in limits]
    steps, rows = kaplan_meier(sorted(subjects.items())), []
    confidence = source.rules.statistics.confidence
    for days in limits:
        renewed = sum(times for each, times in subjects.items() if each.outcome == "renewed" and each.days <= days)
        found, low, high = (round(value, PLACES) for value in share_by(steps, days, n, confidence))
        rows.append(ReturnRow(group, days, renewed, found, low, high, n, domains, flag))
    return rows


def _return_cells(source: Source, line: Sequence[ReturnRow]) -> list[Cell]:
    label, last = Cell(group_label(line[0].group, source.say)), line[-1]
    if last.share is None or last.low is None or last.high is None:
        return [label, *[Cell(NOTHING, [f"{last.domains:,} D"] if last.hidden else [])] * (len(line) + 1)]
    given_up = Cell(share(1 - last.share), [between((1 - last.high, 1 - last.low), "share"), f"n {count(last.n)}"])
    return [label, *map(_return_cell, line), given_up]


def _return_cell(row: ReturnRow) -> Cell:
    assert row.low is not None
    assert row.high is not None
    counts = f"{count(row.renewed)} / {count(row.n)}"
    return Cell(share(row.share), [between((row.low, row.high), "share"), counts])


def _nothing(source: Source, is_hidden: bool, is_shown: bool) -> str:
    if is_shown:
        return ""
    return too_few(source) if is_hidden else why_nothing(source, source.say("expired names"))
