"""T1 and F1: what was collected and what was not, by log, time and validity."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from ctcollect.analysis.coverage import Coverage, TimeSpan, intersection
from ctcollect.analysis.issuance import DAY_S
from ctcollect.analysis.rules import ValidityClass
from ctcollect.report.exhibit import Cell, Exhibit, Grid, Source, why_nothing
from ctcollect.report.labels import validity_label
from ctcollect.report.numbers import count
from ctcollect.seasons import TOKYO

ALL_LOGS = "all logs"
DAY_PLACES = 2


def coverage_table(source: Source) -> Exhibit:
    """T1: days of each year on which a certificate of a validity class would have been seen, by log and in all."""
    classes = [each for each in source.rules.validity_classes if each.max_days <= 398]
    whole = source.aggregates.coverage
    sizes = source.facts.wanted_entries, source.facts.verified_entries
    rows = [(ALL_LOGS, "", year, *sizes, *_days(whole, year, classes)) for year in _years(whole.spans)]
    rows += [row for log in source.facts.logs for row in _log_rows(source, log.log_id, log.name, classes)]
    say = source.say
    labels = [validity_label(each.id, say) for each in classes]
    head = [say("log"), say("year"), say("entries wanted"), say("entries verified"), *labels]
    return Exhibit(
        id="T1",
        name="coverage",
        title=say("What was collected, by log, year and validity"),
        columns=("log", "operator", "year", "wanted", "verified", *(f"days_{each.id}" for each in classes)),
        rows=rows,
        n=source.facts.verified_entries,
        unit="entries",
        coverage=whole.flag(),
        says=_about_coverage(source),
        missing="" if rows else say("No log was planned: nothing was collected."),
        grid=Grid(head, [_grid_row(row, say(ALL_LOGS)) for row in rows]),
    )


def _about_coverage(source: Source) -> list[str]:
    say, facts = source.say, source.facts
    unread = [log.name for log in facts.logs if log.wanted and not log.verified]
    sentences = [
        say(
            "{verified} of {wanted} wanted entries are verified against the logs' signatures. Days of a year are those "
            "on which every certificate of the validity would have been seen: a shard takes certificates by their last "
            "day, the collection reads by the day of issue.",
            verified=count(facts.verified_entries),
            wanted=count(facts.wanted_entries),
        )
    ]
    if unread:
        sentences.append(say("Not collected, or not verified yet: {logs}.", logs=", ".join(unread)))
    return sentences


def _log_rows(source: Source, log_id: str, name: str, classes: Sequence[ValidityClass]) -> Iterator[tuple[Any, ...]]:
    """A row a year; one without a year for a log of which nothing is verified."""
    log = next(each for each in source.facts.logs if each.log_id == log_id)
    timed = next(each for each in source.aggregates.coverage.logs if each.log_id == log_id)
    alone = Coverage([timed], source.rules)
    sizes = sum(map(len, log.wanted)), sum(map(len, log.verified))
    if not alone.spans:
        yield (name, log.operator, None, *sizes, *(0.0 for _ in classes))
    for year in _years(alone.spans):
        yield (name, log.operator, year, *sizes, *_days(alone, year, classes))


def _years(spans: Sequence[TimeSpan]) -> list[int]:
    years = ((_tokyo(start).year, _tokyo(end).year) for start, end in spans)
    return sorted({year for first, last in years for year in range(first, last + 1)})


def _tokyo(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, TOKYO)


def _days(coverage: Coverage, year: int, classes: Sequence[ValidityClass]) -> list[float]:
    of_year = (_midnight_s(year, 1), _midnight_s(year + 1, 1))
    return [_covered_s(coverage.spans_of_class(each), of_year) / DAY_S for each in classes]


def _midnight_s(year: int, month: int) -> float:
    return datetime(year, month, 1, tzinfo=TOKYO).timestamp()


def _covered_s(spans: Sequence[TimeSpan], period: TimeSpan) -> float:
    return sum(end - start for start, end in intersection(spans, [period]))


def _grid_row(row: tuple[Any, ...], all_logs: str) -> list[Cell]:
    name, operator, year, wanted, verified, *days = row
    log = Cell(all_logs if name == ALL_LOGS else name, [operator] if operator else [])
    return [log, Cell(str(year or "–")), *map(Cell, map(count, (wanted, verified, *days)))]


def coverage_figure(source: Source) -> Exhibit:
    """F1: the covered share of each month by validity class, all logs together."""
    coverage = source.aggregates.coverage
    rows = [
        (each.id, f"{month:%Y-%m}", round(_share_of_month(coverage, each, month), DAY_PLACES + 2))
        for each in source.rules.validity_classes
        for month in _months(coverage.spans)
    ]
    return Exhibit(
        id="F1",
        name="coverage",
        title=source.say("Covered share of each month, by validity"),
        columns=("validity_class", "month", "covered_share"),
        rows=rows,
        n=source.facts.verified_entries,
        unit="entries",
        coverage=coverage.flag(),
        says=[
            source.say(
                "White is a hole: certificates of that validity that were issued then lie in shards, or in times, that "
                "were not collected. The shard of 2026 has none of 397 days from December 2025."
            )
        ],
        missing="" if rows else why_nothing(source, source.say("coverage")),
    )


def _months(spans: Sequence[TimeSpan]) -> list[date]:
    if not spans:
        return []
    first, last = _tokyo(spans[0][0]), _tokyo(spans[-1][1])
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _share_of_month(coverage: Coverage, validity_class: ValidityClass, month: date) -> float:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    period = _midnight_s(month.year, month.month), _midnight_s(following.year, following.month)
    return _covered_s(coverage.spans_of_class(validity_class), period) / (period[1] - period[0])
