"""T2, T2b, T2c and F2: entries, issuances, events, name sets and domains; what was refused; how long they last."""

import math
from collections import defaultdict
from collections.abc import Iterator

from ctcollect.analysis.covered_days import ALL_TIMES
from ctcollect.analysis.grouped import Key
from ctcollect.analysis.groups import ALL
from ctcollect.report.estimates import EstimateRow, estimate_cell, estimate_rows
from ctcollect.report.exhibit import ORGANISATION_GROUPS, Cell, Exhibit, Grid, Source, too_few, why_nothing
from ctcollect.report.labels import group_label, season_label
from ctcollect.report.language import Language
from ctcollect.report.numbers import count

COUNTED = ("issuances", "events", "lineages")
SHORT = ("short_validity", "short_validity_unbiased")


def dataset_table(source: Source) -> Exhibit:
    """T2: from entries of logs to registered domains, by organisation type."""
    rows = [_dataset_row(source, group) for group in ORGANISATION_GROUPS]
    say = source.say
    head = [
        say("organisation type"), say("entries of logs"), say("certificates"), say("events"), say("name sets"),
        say("registered domains"),
    ]  # fmt: skip
    return Exhibit(
        id="T2",
        name="dataset",
        title=say("From entries to registered domains"),
        columns=("group", "sightings", *COUNTED, "domains", "hidden"),
        rows=rows,
        n=source.facts.certificates,
        unit="certificates",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "One certificate stands in several logs, as precertificate and as certificate; an event is what was "
                "issued for one name set within a day. Each is counted once, with its first registered domain. Names "
                "of local authorities stand in their own row and in that of their kind of name."
            )
        ],
        missing="" if source.facts.certificates else why_nothing(source, say("certificates")),
        grid=Grid(head, [[Cell(group_label(row[0], say)), *_count_cells(row[1:6])] for row in rows]),
    )


def _count_cells(values: tuple[int | None, ...]) -> list[Cell]:
    return [Cell(count(value)) for value in values]


def _dataset_row(source: Source, group: str) -> tuple[str, int | None, int | None, int | None, int | None, int, bool]:
    counts, domains = source.aggregates.tally(group).counts(), source.aggregates.domains(group)
    if group != ALL and source.is_hidden(group):
        return group, None, None, None, None, domains, True
    issuances, events, lineages = (counts.get(name, 0) for name in COUNTED)
    return group, source.sightings.get(group, 0), issuances, events, lineages, domains, False


def refused_table(source: Source) -> Exhibit:
    """T2b: certificates that entered no name set, by reason."""
    reasons = _reasons(source.say)
    rows = sorted(source.aggregates.refused.items())
    return Exhibit(
        id="T2b",
        name="refused",
        title=source.say("Certificates that could not be used"),
        columns=("reason", "certificates"),
        rows=rows,
        n=sum(number for _, number in rows),
        unit="certificates",
        coverage=source.aggregates.coverage.flag(),
        says=[source.say("A certificate counts once for each of its registered domains.")],
        missing="" if rows else source.say("None: every certificate could be used."),
        grid=Grid(
            [source.say("reason"), source.say("certificates")],
            [[Cell(reasons.get(reason, reason)), Cell(count(number))] for reason, number in rows],
        ),
    )


def _reasons(say: Language) -> dict[str, str]:
    return {
        "no_dates": say("a date is missing or can't be read"),
        "not_after_before_not_before": say("it ends before it begins"),
        "date_out_of_range": say("a date is before 2013 or after 2099"),
        "not_before_in_the_future": say("it begins more than 48 hours after it was logged"),
        "no_registered_domain": say("no name of it has a registered domain under .jp"),
    }


def short_validity_table(source: Source) -> Exhibit:
    """T2c: the share of short validities in each season, as seen and with each name set weighted by what was missed."""
    seasons = source.aggregates.seasons()
    rows = estimate_rows(source, SHORT, [ALL], seasons)
    shown = [row for row in rows if row.value is not None]
    say, days = source.say, source.rules.index.short_validity_d
    head = [say("season"), say("up to {days} d, as seen", days=days), say("up to {days} d, weighted", days=days)]
    lines = [rows[at : at + len(SHORT)] for at in range(0, len(rows), len(SHORT))]
    reason = too_few(source) if any(row.hidden for row in rows) else why_nothing(source, say("December and January"))
    return Exhibit(
        id="T2c",
        name="short-validity",
        title=say("Short validities in a season, as seen and weighted"),
        columns=EstimateRow._fields,
        rows=rows,
        n=sum(row.n or 0 for row in rows[:: len(SHORT)]),
        unit="lineages",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "A season of 62 days shows every name set that is renewed each 60 days, but one in six of those "
                "renewed by the year. The second share weighs each by 1 / P, P being the season's covered days over "
                "its usual interval, at most 1."
            )
        ],
        missing="" if shown else reason,
        grid=Grid(head, [[Cell(season_label(line[0].season, say)), *map(estimate_cell, line)] for line in lines]),
    )


def validity_figure(source: Source) -> Exhibit:
    """F2: how long certificates last, by season and in all."""
    rows = list(_validity_rows(source))
    found = source.aggregates.summary("validity_days", ALL)
    missing = too_few(source) if found and found.hidden else why_nothing(source, source.say("validity"))
    return Exhibit(
        id="F2",
        name="validity",
        title=source.say("How long certificates last, by season of issue"),
        columns=("season", "validity_days", "events", "share"),
        rows=rows,
        n=found.n if found else 0,
        unit="events",
        coverage=source.aggregates.coverage.flag(),
        says=[
            source.say(
                "Events by validity in whole days, begun ones counted; the lines are the limits of SC-081v3 and the "
                "one before. A name set with several domains counts once."
            )
        ],
        missing="" if rows else missing,
        axes={"limits": [each.max_days for each in source.rules.phases]},
    )


def _validity_rows(source: Source) -> Iterator[tuple[str, int, float, float]]:
    for season in (ALL_TIMES, *_seasons(source)):
        found = source.aggregates.distributions.of(Key("validity_days", ALL, season))
        if found and found.domains >= source.rules.statistics.min_domains:
            days: defaultdict[int, float] = defaultdict(float)
            for value, weight in sorted(found.weights.items()):
                days[math.ceil(value)] += weight
            whole = math.fsum(days.values())
            yield from ((season, day, round(n, 3), round(n / whole, 6)) for day, n in sorted(days.items()))


def _seasons(source: Source) -> list[str]:
    keys = source.aggregates.distributions.held()
    return sorted({key.season for key in keys if key.name == "validity_days" and key.season})
