"""N1: what one would publish without looking at coverage, beside what the same data show with it."""

from ctcollect.analysis.covered_days import ALL_TIMES
from ctcollect.analysis.groups import ALL
from ctcollect.report.estimates import EstimateRow, SummaryRow, estimate_row, summary_row
from ctcollect.report.exhibit import Exhibit, Source, shows_intervals, too_few, why_nothing

COLUMNS = ("way", "quantity", "value", "low", "high", "numerator", "denominator", "n", "domains")
NAIVE, CORRECTED = "naive", "corrected"


def naive_figure(source: Source) -> Exhibit:
    """N1: the median interval and the late rate, in both ways."""
    intervals = [summary_row(source, "naive_interval_days", ALL), _corrected_interval(source)]
    rates = [estimate_row(source, name, ALL) for name in ("naive_late", "late")]
    ways = (NAIVE, CORRECTED)
    rows = [
        *(_interval(way, row) for way, row in zip(ways, intervals, strict=True)),
        *(_rate(way, row) for way, row in zip(ways, rates, strict=True)),
    ]
    has_naive, is_hidden = rates[0].value is not None, rates[0].hidden
    reason = too_few(source) if is_hidden else why_nothing(source, source.say("pairs of certificates"))
    return Exhibit(
        id="N1",
        name="naive",
        title=source.say("Naive and corrected: the same data, two answers"),
        columns=COLUMNS,
        rows=rows if has_naive else [],
        n=rates[0].n or 0,
        unit="pairs",
        coverage=source.aggregates.coverage.flag(),
        says=_about(source),
        missing="" if has_naive else reason,
    )


def _about(source: Source) -> list[str]:
    say = source.say
    return [
        say(
            "Naive: each certificate and the next with the same names, whatever was collected between them, parallel "
            "ones too. Corrected: events at the lineage's own lag, only where nothing could have been missed, and "
            "expiries of which all 30 days after were covered."
        ),
        say(
            "Five seasons of December and January alone turn names that a machine renews each 60 days into a naive "
            "median interval of 361 days and 96.5% naive gaps, where the truth is 60 days and none."
        ),
    ]


def _corrected_interval(source: Source) -> SummaryRow:
    """Empty where only seasons were collected: they show the short intervals and no other."""
    found = summary_row(source, "interval_days", ALL)
    return found if shows_intervals(source) else SummaryRow(ALL, ALL_TIMES, found.quantity, coverage=found.coverage)


def _interval(way: str, row: SummaryRow) -> tuple[object, ...]:
    quantity = "median_interval_days"
    return (way, quantity, row.median, row.median_low, row.median_high, None, None, row.n, row.domains)


def _rate(way: str, row: EstimateRow) -> tuple[object, ...]:
    return (way, "late_share", row.value, row.low, row.high, row.numerator, row.denominator, row.n, row.domains)
