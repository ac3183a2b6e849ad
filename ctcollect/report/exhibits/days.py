"""F7 and F10: events by day of the seasons, and by weekday and hour."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ctcollect.analysis.coverage import Coverage
from ctcollect.analysis.covered_days import season_of
from ctcollect.analysis.groups import ALL
from ctcollect.analysis.issuance import DAY_S
from ctcollect.analysis.japan_days import JST_OFFSET_S, day_of
from ctcollect.report.exhibit import Exhibit, Source, too_few, why_nothing
from ctcollect.seasons import season as season_period

COMPARED = ("automated", "manual")
HOURS, WEEKDAYS = 24, 7


def season_figure(source: Source) -> Exhibit:
    """F7: events a day from 1 December to 31 January, each season a strip."""
    rows = [] if source.is_hidden(ALL) else list(_day_rows(source))
    has_days = bool(source.aggregates.tally(ALL).days())
    say = source.say
    reason = too_few(source) if has_days and source.is_hidden(ALL) else why_nothing(source, say("December and January"))
    return Exhibit(
        id="F7",
        name="seasons",
        title=say("Events a day, December and January"),
        columns=("season", "day", "kind", "events", "covered"),
        rows=rows,
        n=sum(row[3] for row in rows),
        unit="events",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "Days in Asia/Tokyo, coloured by what they are. On pale days not all validities that a CA may issue "
                "were covered: nothing follows from their height."
            )
        ],
        missing="" if rows else reason,
    )


def _day_rows(source: Source) -> Iterator[tuple[str, str, str, int, bool]]:
    events = source.aggregates.tally(ALL).days()
    for season in sorted({season_of(number) for number in events} - {""}):
        period = season_period(int(season))
        first, end = (round((moment.timestamp() + JST_OFFSET_S) / DAY_S) for moment in period)
        for number in range(first, end):
            day = day_of(number)
            covered = _is_covered(source.aggregates.coverage, source, number)
            yield season, day.date.isoformat(), day.kind, events.get(number, 0), covered


def _is_covered(coverage: Coverage, source: Source, number: int) -> bool:
    """Whether every certificate that may be issued would have been seen on the day."""
    start_s = number * DAY_S - JST_OFFSET_S
    classes = (each for each in source.rules.validity_classes if each.max_days <= 398)
    return all(
        any(start <= start_s and end >= start_s + DAY_S for start, end in coverage.spans_of_class(each))
        for each in classes
    )


def hour_figure(source: Source) -> Exhibit:
    """F10: events by weekday and hour in Asia/Tokyo, of automated and of manual name sets."""
    rows = [] if source.is_hidden(ALL) else list(_hour_rows(source))
    totals = Counter({name: sum(row[3] for row in rows if row[0] == name) for name in COMPARED})
    has_hours = bool(source.aggregates.tally(ALL).hours())
    say = source.say
    return Exhibit(
        id="F10",
        name="hours",
        title=say("Weekday and hour of issue, automated and manual"),
        columns=("automation_class", "weekday", "hour", "events", "share"),
        rows=rows,
        n=totals.total(),
        unit="events",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "Hours in Asia/Tokyo, of events whose time of issue is known. The classes were partly made from office "
                "hours: the figure shows what they mean and proves nothing."
            )
        ],
        missing="" if rows else (too_few(source) if has_hours else why_nothing(source, say("hours of issue"))),
    )


def _hour_rows(source: Source) -> Iterator[Sequence[Any]]:
    hours = source.aggregates.tally(ALL).hours()
    for name in COMPARED:
        total = sum(n for (found, _, _), n in hours.items() if found == name)
        if not total:
            continue
        for weekday in range(WEEKDAYS):
            for hour in range(HOURS):
                n = hours.get((name, weekday, hour), 0)
                yield name, weekday, hour, n, round(n / total, 6)
