"""T5 and F8: on which days certificates are issued, and what share of machines that lets one infer."""

from collections.abc import Sequence
from typing import Any

from ctcollect.analysis.covered_days import ALL_TIMES
from ctcollect.analysis.groups import ALL
from ctcollect.analysis.population import AutomatedShare
from ctcollect.report.estimates import EstimateRow, estimate_cell, estimate_row, estimate_rows
from ctcollect.report.exhibit import ORGANISATION_GROUPS, Cell, Exhibit, Grid, Source, too_few, why_nothing
from ctcollect.report.labels import group_label, season_label
from ctcollect.report.numbers import fraction

MEASURES = (
    "non_business_expected", "non_business", "weekend", "holiday", "nenmatsu", "renewal_non_business", "outside_office"
)  # fmt: skip
EVENNESS = "weekend_evenness"
PLACES = 6


def calendar_table(source: Source) -> Exhibit:
    """T5: shares of non-business days against what the calendar gives, by organisation type, season and validation."""
    keys = [(group, ALL_TIMES) for group in ORGANISATION_GROUPS]
    keys += [(ALL, season) for season in source.aggregates.seasons()]
    keys += [(group, ALL_TIMES) for group in source.aggregates.groups("validation")]
    lines = [[*_measured(source, *key), _evenness(source, *key)] for key in keys]
    say = source.say
    head = [
        say("events of"), say("non-business days of the calendar"), say("non-business days"), say("weekends"),
        say("national holidays"), say("29 December to 3 January"), say("non-business days, renewals only"),
        say("outside office hours"), say("evenness"),
    ]  # fmt: skip
    return Exhibit(
        id="T5",
        name="calendar",
        title=say("Days of issue"),
        columns=EstimateRow._fields,
        rows=[row for line in lines for row in line],
        n=lines[0][1].n or 0,
        unit="events",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "Days in Asia/Tokyo on which the event's validity was covered. Each day is of one kind: the days "
                "around the new year come first, then national holidays, then weekends. Evenness: events a "
                "non-business day over events a business day, 1 is a machine and 0 a person."
            ),
            say(
                "The weekend of a CA's own staff shows too, where a person must vet the order (OV, EV): the last rows."
            ),
        ],
        missing=_missing(source, lines[0], source.say("days of issue")),
        grid=Grid(head, [_cells(source, line) for line in lines]),
    )


def _measured(source: Source, group: str, season: str) -> list[EstimateRow]:
    return estimate_rows(source, MEASURES, [group], [season])


def _evenness(source: Source, group: str, season: str) -> EstimateRow:
    """WEI with the counts of the share that it is made of."""
    of_share = estimate_row(source, "non_business", group, season)
    row = EstimateRow(group, season, EVENNESS, n=of_share.n, domains=of_share.domains, coverage=of_share.coverage)
    if of_share.hidden or of_share.value is None:
        return row._replace(hidden=of_share.hidden)
    value = source.aggregates.weekend_evenness(group, season)
    return row._replace(value=None if value is None else round(value, PLACES))


def _missing(source: Source, line: Sequence[EstimateRow], of_what: str) -> str:
    if line[1].value is not None:
        return ""
    return too_few(source) if line[1].hidden else why_nothing(source, of_what)


def _cells(source: Source, line: Sequence[EstimateRow]) -> list[Cell]:
    group, season = line[0].group, line[0].season
    label = season_label(season, source.say) if season else group_label(group, source.say)
    *shares, evenness = line
    return [Cell(label), *map(estimate_cell, shares), Cell(fraction(evenness.value))]


def automated_share_figure(source: Source) -> Exhibit:
    """F8: the calendar's estimate of what machines do, by organisation type and season, for each human share."""
    rows = [row for season in _seasons(source) for group in ORGANISATION_GROUPS for row in _rows(source, group, season)]
    shown = [row for row in rows if row[5] is not None]
    whole = [row for row in shown if row[0] == ALL]
    return Exhibit(
        id="F8",
        name="automated-share",
        title=source.say("Share of machines, by the calendar alone"),
        columns=(
            "group", "season", "human_share", "observed_share", "calendar_share", "automated_share", "low", "high", "n",
            "domains", "is_enough", "hidden",
        ),
        rows=rows,
        n=sum(row[8] for row in whole if row[2] == _middle_human_share(source)),
        unit="events",
        coverage=source.aggregates.coverage.flag(),
        says=[
            source.say(
                "If people issue on h of the non-business days, the share of machines is (s - h) / (p0 - h), with the "
                "observed share s and the calendar's p0; the line is the interval of 95% for h = {human}, the "
                "small marks are other h. Jobs that run on weekdays only make it too small. Hollow: fewer "
                "than {least} events, too few.",
                least=source.rules.population.min_events,
                human=_middle_human_share(source),
            )
        ],
        missing="" if shown else _nothing(source, rows),
        axes={"human_share": _middle_human_share(source)},
    )  # fmt: skip


def _middle_human_share(source: Source) -> float:
    shares = sorted(source.rules.population.human_shares)
    return shares[len(shares) // 2]


def _nothing(source: Source, rows: Sequence[Sequence[Any]]) -> str:
    return too_few(source) if rows else why_nothing(source, source.say("the share of machines"))


def _seasons(source: Source) -> list[str]:
    """The seasons, or all times where no season was covered."""
    return source.aggregates.seasons() or [ALL_TIMES]


def _rows(source: Source, group: str, season: str) -> list[tuple[Any, ...]]:
    return [_row(each) for each in source.aggregates.automated_shares(group, season)]


def _row(each: AutomatedShare) -> tuple[Any, ...]:
    if each.hidden:
        nothing = (None,) * 5
        return each.group, each.season, each.human_share, *nothing, None, each.domains, each.is_enough, True
    low, high = each.interval or (None, None)
    values = (each.observed_share, each.calendar_share, each.value, low, high)
    rounded = (None if value is None else round(value, PLACES) for value in values)
    return each.group, each.season, each.human_share, *rounded, each.n, each.domains, each.is_enough, False
