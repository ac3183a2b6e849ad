"""T9: the answers without the largest providers, one at a time."""

from collections.abc import Iterator, Sequence

from ctcollect.analysis.covered_days import ALL_TIMES
from ctcollect.analysis.groups import ALL
from ctcollect.analysis.population import AutomatedShare
from ctcollect.analysis.providers import Provider, automated_share_without, estimate_without, largest_providers
from ctcollect.report.estimates import EstimateRow, ends, estimate_cell, rounded, row_of
from ctcollect.report.exhibit import Cell, Exhibit, Grid, Source, season_warning, too_few, why_nothing
from ctcollect.report.labels import season_label
from ctcollect.report.numbers import NOTHING, between, count, share

# What the page answers first; the calendar's two are of the newest season.
OF_ALL_TIMES = ("late", "classified_automated", "manual_over_47")
OF_SEASON = "non_business"
AUTOMATED_SHARE = "automated_share"
COLUMNS = ("left_out", "provider", "events", "events_share", *EstimateRow._fields)
Line = tuple[Provider | None, Sequence[EstimateRow]]


def provider_table(source: Source) -> Exhibit:
    """T9: without each of the largest CAs and registered domains, and without shared certificates."""
    season = source.aggregates.newest_season()
    lines: list[Line] = [(each, list(_rows(source, each, season))) for each in _left_out(source)]
    return Exhibit(
        id="T9",
        name="providers",
        title=source.say("The answers without one provider"),
        columns=COLUMNS,
        rows=[(*_names(source, provider), *row) for provider, rows in lines for row in rows],
        n=_events(source),
        unit="events",
        coverage=source.aggregates.coverage.flag(),
        says=[*_about(source), *season_warning(source)],
        missing=_missing(source, lines[0][1]),
        grid=Grid(_head(source, season), [_cells(source, *line) for line in lines]),
    )


def _left_out(source: Source) -> list[Provider | None]:
    """Nothing first; nothing else where too few domains are there for any figure."""
    return [None] if source.is_hidden(ALL) else [None, *largest_providers(source.aggregates)]


def _rows(source: Source, provider: Provider | None, season: str) -> Iterator[EstimateRow]:
    group = f"without:{provider.group}" if provider else ALL
    for measure, of_season in [*((measure, ALL_TIMES) for measure in OF_ALL_TIMES), (OF_SEASON, season)]:
        found = estimate_without(source.aggregates, provider, measure, of_season)
        yield row_of(source, found, measure, group, of_season)
    empty = EstimateRow(group, season, AUTOMATED_SHARE, coverage=source.aggregates.coverage.flag())
    shares = automated_share_without(source.aggregates, provider, season)
    yield _share_row(empty, *shares) if shares else empty


def _share_row(empty: EstimateRow, by_event: AutomatedShare, by_domain: AutomatedShare) -> EstimateRow:
    """M9 with no counts of its own: it is made of those of ``non_business``. No value where the events are too few."""
    if by_event.hidden:
        return empty._replace(domains=by_event.domains, hidden=True)
    if not by_event.is_enough:
        return empty._replace(n=by_event.n, domains=by_event.domains)
    (low, high), (domain_low, domain_high) = ends(by_event.interval), ends(by_domain.interval)
    return empty._replace(
        value=rounded(by_event.value),
        low=low,
        high=high,
        domain_value=rounded(by_domain.value),
        domain_low=domain_low,
        domain_high=domain_high,
        n=by_event.n,
        domains=by_event.domains,
    )


def _events(source: Source) -> int:
    return source.aggregates.tally(ALL).counts().get("events", 0)


def _names(source: Source, provider: Provider | None) -> tuple[str, str, float, float | None]:
    """Of the row of all lineages the number of all events."""
    whole = _events(source)
    if provider is None:
        return "nothing", "", whole, None
    return provider.kind, provider.name, rounded(provider.events), rounded(provider.events / whole)


def _about(source: Source) -> list[str]:
    say, rules = source.say, source.rules
    return [
        say(
            "One provider's timetable can make an answer that is nobody else's. Who serves a name can't be read in its "
            "certificate; what can stand for it are the CA of the newest certificate, a registered domain below which "
            "a hoster keeps the names of its customers, and certificates for {least} registered domains or more.",
            least=rules.provider.shared_from,
        ),
        say(
            "Left out are, one at a time, the {number} CAs and the {number} registered domains with the most events, "
            "and all shared certificates. An answer that moves out of the first row's interval rests on that provider. "
            "The last value of a cell gives each registered domain one voice. The calendar's share of machines needs "
            "{events} events.",
            number=rules.provider.largest,
            events=rules.population.min_events,
        ),
    ]


def _missing(source: Source, whole: Sequence[EstimateRow]) -> str:
    if any(row.value is not None for row in whole):
        return ""
    return too_few(source) if any(row.hidden for row in whole) else why_nothing(source, source.say("the answers"))


def _head(source: Source, season: str) -> list[str]:
    say, label = source.say, season_label(season, source.say)
    return [
        say("left out"), say("share of the events"), say("late, of expiries at risk"),
        say("automated, of the classified"), say("by hand, of those over 47 days"),
        say("non-business days, {season}", season=label),
        say("share of machines by the calendar, {season}", season=label),
    ]  # fmt: skip


def _cells(source: Source, provider: Provider | None, rows: Sequence[EstimateRow]) -> list[Cell]:
    _, _, events, part = _names(source, provider)
    cells = [Cell(share(part) if provider else NOTHING, [count(events)]), *(_cell(source, row) for row in rows)]
    return [_label(source, provider), *cells]


def _label(source: Source, provider: Provider | None) -> Cell:
    if provider is None:
        return Cell(source.say("nothing"))
    kinds = {"ca": source.say("CA"), "domain": source.say("registered domain")}
    if provider.kind == "sharing":
        return Cell(source.say("shared certificates"))
    return Cell(provider.name, [kinds[provider.kind]])


def _cell(source: Source, row: EstimateRow) -> Cell:
    cell = estimate_cell(row)
    if row.value is None or row.hidden:
        return cell if row.n is None else Cell(NOTHING, [f"n {count(row.n)}"])
    if row.measure == AUTOMATED_SHARE:
        cell = Cell(share(row.value), [between(row.interval, "share"), f"n {count(row.n)}"])
    return Cell(cell.main, [*cell.small, source.say("{value} by domain", value=share(row.domain_value))])
