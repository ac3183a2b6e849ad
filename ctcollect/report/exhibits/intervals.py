"""T3, F3 and F4: how long until a certificate is replaced, and at which part of its validity."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from ctcollect.analysis.covered_days import ALL_TIMES
from ctcollect.analysis.grouped import Key
from ctcollect.analysis.groups import ALL
from ctcollect.report.estimates import EstimateRow, SummaryRow, estimate_cell, estimate_row, summary_cell, summary_row
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
from ctcollect.report.labels import group_label, validity_label

QUANTITIES = {"interval_days": "number", "elapsed": "fraction", "lead_days": "number"}
BIN_DAYS = 5
SEASON_DAYS = 62


def interval_table(source: Source) -> Exhibit:
    """T3: interval, used share of the validity and lead, by organisation type and newest validity."""
    groups = [*ORGANISATION_GROUPS, *source.aggregates.groups("validity")]
    found = {(name, group): summary_row(source, name, group) for group in groups for name in QUANTITIES}
    censored = {group: estimate_row(source, "interval_censored", group) for group in groups}
    say = source.say
    head = [
        say("group"), say("interval, days"), say("used share of validity"), say("lead, days"),
        say("intervals censored"), say("registered domains"),
    ]  # fmt: skip
    whole = found["interval_days", ALL]
    return Exhibit(
        id="T3",
        name="intervals",
        title=say("From one certificate to the next"),
        columns=(*SummaryRow._fields, "censored", "censored_numerator", "censored_denominator"),
        rows=[(*row, *_share_columns(censored[group])) for (_, group), row in found.items()],
        n=whole.n or 0,
        unit="renewals",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "Medians, with quartiles below. An interval counts only if nothing of its validity could have been "
                "missed between its ends; otherwise it is censored. Reissues and fleets are left out."
            ),
            *season_warning(source),
        ],
        missing=_missing(source, whole.n, whole.hidden),
        grid=Grid(head, [_cells(source, group, found, censored[group]) for group in groups]),
    )


def _share_columns(row: EstimateRow) -> tuple[float | None, float | None, float | None]:
    return row.value, row.numerator, row.denominator


def _missing(source: Source, n: int | None, is_hidden: bool) -> str:
    if n:
        return ""
    return too_few(source) if is_hidden else why_nothing(source, source.say("intervals"))


def _cells(source: Source, group: str, found: dict[tuple[str, str], SummaryRow], censored: EstimateRow) -> list[Cell]:
    kind, _, value = group.partition(":")
    label = validity_label(value, source.say) if kind == "validity" else group_label(group, source.say)
    medians = [summary_cell(found[name, group], shown) for name, shown in QUANTITIES.items()]
    return [Cell(label), *medians, estimate_cell(censored), Cell(f"{source.aggregates.domains(group):,}")]


def interval_figure(source: Source) -> Exhibit:
    """F3: the intervals that were measured, and those of which nobody knows what lay between."""
    rows = _interval_rows(source)
    whole = summary_row(source, "interval_days", ALL)
    flag = source.aggregates.coverage.flag()
    says = [
        source.say(
            "Intervals in steps of {days} days. Censored are pairs between whose certificates others may have been "
            "missed: their length is no interval.",
            days=BIN_DAYS,
        )
    ]
    if flag == "seasons":
        says.append(source.say("The shaded intervals can't be seen at all: seasons are that far apart."))
    return Exhibit(
        id="F3",
        name="intervals",
        title=source.say("Intervals between renewals"),
        columns=("interval_from_days", "status", "intervals"),
        rows=rows,
        n=whole.n or 0,
        unit="renewals",
        coverage=flag,
        says=says,
        missing="" if rows else _missing(source, None, whole.hidden),
        axes={"bin_days": BIN_DAYS, "unseen": _unseen(source)},
    )


def _unseen(source: Source) -> tuple[float, float] | None:
    """From the length of a season to the distance of two."""
    is_by_season = source.aggregates.coverage.flag() == "seasons"
    return (SEASON_DAYS, source.rules.coverage.interval_d) if is_by_season else None


def _interval_rows(source: Source) -> list[tuple[int, str, float]]:
    rows: list[tuple[int, str, float]] = []
    for name, status in (("interval_days", "measured"), ("censored_interval_days", "censored")):
        found = source.aggregates.distributions.of(Key(name, ALL, ALL_TIMES))
        if found and found.domains >= source.rules.statistics.min_domains:
            bins: defaultdict[int, float] = defaultdict(float)
            for days, weight in sorted(found.weights.items()):
                bins[int(days // BIN_DAYS) * BIN_DAYS] += weight
            rows += [(start, status, round(weight, 3)) for start, weight in sorted(bins.items())]
    return rows


def elapsed_figure(source: Source) -> Exhibit:
    """F4: at which part of its validity a certificate is replaced, by organisation type."""
    rows = list(_elapsed_rows(source))
    whole = summary_row(source, "elapsed", ALL)
    limits = source.rules.elapsed
    return Exhibit(
        id="F4",
        name="elapsed",
        title=source.say("Used share of the validity at renewal"),
        columns=("group", "elapsed", "share_at_or_below", "n", "domains"),
        rows=rows,
        n=whole.n or 0,
        unit="renewals",
        coverage=source.aggregates.coverage.flag(),
        says=[
            source.say(
                "The share of renewals at or below each part of the validity. Machines renew at about two thirds, or a "
                "fixed time before the end; right of 1 lies what came late."
            ),
            *season_warning(source),
        ],
        missing="" if rows else _missing(source, None, whole.hidden),
        axes={"two_thirds": (limits.two_thirds_from, limits.two_thirds_until)},
    )


def _elapsed_rows(source: Source) -> Iterator[Sequence[Any]]:
    for group in ORGANISATION_GROUPS:
        found = source.aggregates.distributions.of(Key("elapsed", group, ALL_TIMES))
        if found and found.domains >= source.rules.statistics.min_domains:
            yield from ((group, value, below, found.n, found.domains) for value, below in found.curve())
