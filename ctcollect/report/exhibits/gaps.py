"""T4 and F6: names whose certificate had expired before the next was issued, and how long that took."""

from collections.abc import Iterator, Sequence
from typing import Any

from ctcollect.analysis.groups import ALL
from ctcollect.analysis.survival import kaplan_meier
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
from ctcollect.report.labels import group_label
from ctcollect.report.numbers import share

RATES = ("late", "late_first_days")
KINDS = ("gap_late", "gap_long_late", "gap_lapse", "gap_covered_lapse", "gap_suspect_missing", "gap_censored")
# CertObserver, When are TLS certificates renewed (2026): 3,875,280 of 316,576,332 in the first 5 days after expiry.
CERTOBSERVER_FIRST_DAYS = 0.012
PLACES = 6


def gap_table(source: Source) -> Exhibit:
    """T4: the late rate, and gaps by what they mean."""
    rows = estimate_rows(source, (*RATES, *KINDS), ORGANISATION_GROUPS)
    say = source.say
    head = [
        say("organisation type"), say("late, of expiries at risk"), say("of these in the first 5 days"),
        say("late, up to 30 days"), say("long late, up to 90 days"), say("lapse, longer"),
        say("covered by another certificate"), say("suspect: a record is missing"), say("censored"),
    ]  # fmt: skip
    whole = rows[0]
    return Exhibit(
        id="T4",
        name="gaps",
        title=say("Gaps between an expiry and the next certificate"),
        columns=EstimateRow._fields,
        rows=rows,
        n=whole.n or 0,
        unit="expiries",
        coverage=source.aggregates.coverage.flag(),
        says=[*_about(source), _capture_sentence(source), *season_warning(source)],
        missing=_missing(source, rows),
        grid=Grid(head, _grid_rows(source, rows)),
    )


def _about(source: Source) -> list[str]:
    return [
        source.say(
            "The first two columns are shares of the expiries of which all 30 days after were covered, and which were "
            "answered; the others of all pairs of events that follow each other. It is a gap between certificates, "
            "never an outage: the logs do not show what a server serves."
        ),
        source.say(
            "For comparison: worldwide {share} of the certificates that expired in May 2026 were renewed in the first "
            "5 days after (CertObserver).",
            share=share(CERTOBSERVER_FIRST_DAYS),
        ),
    ]


def _capture_sentence(source: Source) -> str:
    capture = source.aggregates.capture
    known = capture.known.total()
    if not known:
        return source.say("How many records are missing is not known (table T1b): some gaps may be missing records.")
    return source.say(
        "The collected logs hold {share} of what is known to be issued (table T1b); what they lack may look "
        "like a gap.",
        share=share(capture.captured.total() / known),
    )


def _missing(source: Source, rows: Sequence[EstimateRow]) -> str:
    if any(row.value is not None for row in rows):
        return ""
    return too_few(source) if any(row.hidden for row in rows) else why_nothing(source, source.say("late renewals"))


def _grid_rows(source: Source, rows: Sequence[EstimateRow]) -> list[list[Cell]]:
    width = len(RATES) + len(KINDS)
    lines = [rows[at : at + width] for at in range(0, len(rows), width)]
    return [[Cell(group_label(line[0].group, source.say)), *map(estimate_cell, line)] for line in lines]


def survival_figure(source: Source) -> Exhibit:
    """F6: of names whose certificate expired with nothing to cover them, the share still without a new one."""
    rows = list(_survival_rows(source))
    subjects = source.aggregates.tally(ALL).subjects()
    say = source.say
    nothing = too_few(source) if subjects else why_nothing(source, say("expired names"))
    return Exhibit(
        id="F6",
        name="survival",
        title=say("After an expiry that nothing covered: the share still without a certificate"),
        columns=("group", "days", "at_risk", "renewed", "not_renewed_share", "low", "high", "n"),
        rows=rows,
        n=sum(subjects.values()) if rows else 0,
        unit="gaps",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "Kaplan and Meier's estimate with Greenwood's interval of 95%. Names that were not taken up again by "
                "the end of what was observed are censored there. Time is logarithmic."
            )
        ],
        missing="" if rows else nothing,
        axes={"limits": _limits(source)},
    )


def _limits(source: Source) -> tuple[float, ...]:
    return source.rules.gap.first_days_d, source.rules.gap.late_d, source.rules.gap.long_late_d


def _survival_rows(source: Source) -> Iterator[Sequence[Any]]:
    for group in ORGANISATION_GROUPS:
        subjects = source.aggregates.tally(group).subjects()
        n = sum(subjects.values())
        if not n or source.is_hidden(group) or n < source.rules.statistics.min_domains:
            continue
        for step in kaplan_meier(sorted(subjects.items())):
            values = (round(value, PLACES) for value in step.interval())
            yield group, step.days, step.at_risk, step.events, *values, n
