"""T4b and F12: late renewals and holidays."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from ctcollect.analysis.confidence import wilson
from ctcollect.analysis.covered_days import season_of
from ctcollect.analysis.groups import ALL
from ctcollect.analysis.japan_days import day_of
from ctcollect.report.exhibit import ORGANISATION_GROUPS, Cell, Exhibit, Grid, Source, too_few, why_nothing
from ctcollect.report.labels import group_label
from ctcollect.report.numbers import between, count, fraction, number
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
    counts = HolidayRow(group, found.n, found.observed, round(found.expected, PLACES), domains=domains, coverage=flag)
    if found.ratio is None or found.interval is None:
        return counts
    low, high = found.interval
    return counts._replace(ratio=round(found.ratio, PLACES), low=round(low, PLACES), high=round(high, PLACES))


def _holiday_cells(source: Source, row: HolidayRow) -> list[Cell]:
    interval = None if row.low is None or row.high is None else (row.low, row.high)
    ratio = Cell(fraction(row.ratio), [between(interval, "fraction")] if interval else [])
    counts = (count(row.n), count(row.observed), number(row.expected))
    return [Cell(group_label(row.group, source.say)), *map(Cell, counts), ratio]


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
            yield name, n, late[name], round(late[name] / n, PLACES), round(low, PLACES), round(high, PLACES)


def _day_of_season(number: int) -> str:
    """MM-DD of a day of December or January, "" of another."""
    return f"{day_of(number).date:%m-%d}" if season_of(number) else ""
