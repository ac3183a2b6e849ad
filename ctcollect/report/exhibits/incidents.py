"""T4b, T4c and F12: late renewals and holidays, and how soon a name that had expired has a certificate again."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from ctcollect.analysis.confidence import wilson
from ctcollect.analysis.covered_days import season_of
from ctcollect.analysis.groups import ALL
from ctcollect.analysis.japan_days import day_of
from ctcollect.analysis.survival import kaplan_meier, step_at
from ctcollect.report.exhibit import ORGANISATION_GROUPS, Cell, Exhibit, Grid, Source, too_few, why_nothing
from ctcollect.report.labels import group_label
from ctcollect.report.numbers import NOTHING, between, count, fraction, number, share
from ctcollect.seasons import season

PLACES = 6


class HolidayRow(NamedTuple):
    """A line of T4b: late renewals of ``n``, ``observed`` after an expiry on a non-business day; ``ratio`` of both."""

    group: str
    n: int | None = None
    observed: int | None = None
    expected: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    domains: int = 0
    coverage: str = "none"
    hidden: bool = False


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


def holiday_table(source: Source) -> Exhibit:
    """T4b: do expiries on days without office hours go wrong more often (M14)?"""
    rows = [_holiday_row(source, group) for group in ORGANISATION_GROUPS]
    say = source.say
    head = [
        say("organisation type"), say("late renewals"), say("expired on a non-business day"),
        say("expected by the calendar"), say("observed / expected"),
    ]  # fmt: skip
    return Exhibit(
        id="T4b",
        name="holidays",
        title=say("Late renewals and days without office hours"),
        columns=HolidayRow._fields,
        rows=rows,
        n=rows[0].n or 0,
        unit="gaps",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "Late renewals whose certificate had expired on a weekend, a national holiday or from 29 December to 3 "
                "January, against the share of such days; the interval of 95% is the exact one of a Poisson count."
            )
        ],
        missing=_nothing(source, rows[0].hidden, any(row.n for row in rows)),
        grid=Grid(head, [_holiday_cells(source, row) for row in rows]),
    )


def _holiday_row(source: Source, group: str) -> HolidayRow:
    domains, flag = source.aggregates.domains(group), source.aggregates.coverage.flag()
    found = source.aggregates.holiday_risk(group)
    if found is None or not domains:
        return HolidayRow(group, domains=domains, coverage=flag)
    if source.is_hidden(group):
        return HolidayRow(group, domains=domains, coverage=flag, hidden=True)
    ends = found.interval or (None, None)
    figures = (None if value is None else round(value, PLACES) for value in (found.expected, found.ratio, *ends))
    return HolidayRow(group, found.n, found.observed, *figures, domains, flag)


def _holiday_cells(source: Source, row: HolidayRow) -> list[Cell]:
    interval = None if row.low is None or row.high is None else (row.low, row.high)
    ratio = Cell(fraction(row.ratio), [between(interval, "fraction")] if interval else [])
    counts = (count(row.n), count(row.observed), number(row.expected))
    return [Cell(group_label(row.group, source.say)), *map(Cell, counts), ratio]


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
    for days in limits:
        renewed = sum(times for each, times in subjects.items() if each.outcome == "renewed" and each.days <= days)
        left, low, high = (round(value, PLACES) for value in step_at(steps, days).interval())
        rows.append(
            ReturnRow(group, days, renewed, *(round(1 - x, PLACES) for x in (left, high, low)), n, domains, flag)
        )
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
    return too_few(source) if is_hidden else why_nothing(source, source.say("late renewals"))


def new_year_figure(source: Source) -> Exhibit:
    """F12: of the expiries at risk on each day of December and January, all years together, the late share."""
    is_hidden = source.is_hidden(ALL)
    rows = [] if is_hidden else list(_new_year_rows(source))
    say = source.say
    has_expiries = bool(source.aggregates.tally(ALL).expiry_days())
    return Exhibit(
        id="F12",
        name="new-year",
        title=say("Late renewals around the new year, by the day of expiry"),
        columns=("day", "expiries", "late", "late_share", "low", "high"),
        rows=rows,
        n=sum(row[1] for row in rows),
        unit="expiries",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "All years together, days in Asia/Tokyo; the lines are Wilson's intervals of 95%, the shaded days are "
                "29 December to 3 January."
            )
        ],
        missing="" if rows else _nothing(source, is_hidden and has_expiries, is_shown=False),
    )


def _new_year_rows(source: Source) -> Iterator[tuple[str, int, int, float, float, float]]:
    """Of the days on which anything expired; ``day`` is MM-DD, in the order of a season."""
    tally = source.aggregates.tally(ALL)
    expiries, late = Counter[str](), Counter[str]()
    for day, times in tally.expiry_days().items():
        expiries[_day_of_season(day)] += times
    for each, times in tally.late_expiries().items():
        late[_day_of_season(each.day)] += times
    period = season(2000)
    for offset in range((period.end - period.start).days):
        name = f"{period.start + timedelta(days=offset):%m-%d}"
        if n := expiries[name]:
            low, high = wilson(late[name], n, source.rules.statistics.confidence)
            yield name, n, late[name], *(round(value, PLACES) for value in (late[name] / n, low, high))


def _day_of_season(number: int) -> str:
    """MM-DD of a day of December or January, "" of another."""
    return f"{day_of(number).date:%m-%d}" if season_of(number) else ""
