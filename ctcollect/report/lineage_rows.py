"""lineages.csv: one row a lineage (L1), in order of the names; written piece by piece, then merged."""

import csv
import heapq
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from ctcollect.analysis.gaps import GapKind
from ctcollect.analysis.lineage import LineageResult

COLUMNS = (
    "names", "registered_domain", "organisation_type", "certificates", "parallel_degree", "renewals",
    "median_interval_days", "median_lead_days", "late", "long_late", "lapses", "covered_lapses", "suspect_missing",
    "censored", "early_reissues", "ca_switches", "automation_index", "automation_class",
)  # fmt: skip
GAPS: tuple[GapKind, ...] = ("late", "long_late", "lapse", "covered_lapse", "suspect_missing")
DAYS_PLACES, INDEX_PLACES = 3, 1


def lineage_row(result: LineageResult) -> list[Any]:
    """The cells by COLUMNS. ``renewals`` are those that were measured; ``censored`` counts gaps and intervals."""
    return [
        " ".join(result.names),
        result.registered_domain,
        result.organisation_type,
        len(result.certificates),
        result.parallel_degree,
        len(result.measured),
        _rounded(result.median_interval_days, DAYS_PLACES),
        _rounded(result.median_lead_days, DAYS_PLACES),
        *(result.gap_count(kind) for kind in GAPS),
        _censored(result),
        result.renewal_count("early_reissue"),
        len(result.switches),
        _rounded(result.automation.index, INDEX_PLACES),
        result.automation_class,
    ]


def _censored(result: LineageResult) -> int:
    """Successions of which collecting does not tell what lay between; one may be interval and gap at once."""
    pairs = {(each.event, each.successor) for each in result.renewals if each.status == "censored"}
    return len(pairs | {(each.event, each.successor) for each in result.gaps if each.kind == "censored"})


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)


def write_sorted(rows: Iterable[list[Any]], path: Path) -> None:
    """Rows of one piece as JSON lines, in order of their names."""
    with path.open("wb") as file:
        for row in sorted(rows, key=_key):
            file.write(orjson.dumps(row) + b"\n")


def merge_into_csv(pieces: Iterable[Path], path: Path) -> int:
    """All rows of all pieces as CSV (RFC 4180), None as an empty cell; how many there are."""
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in heapq.merge(*map(_read, pieces), key=_key):
            writer.writerow(row)
            count += 1
    return count


def _read(path: Path) -> Iterator[list[Any]]:
    with path.open("rb") as file:
        for line in file:
            yield orjson.loads(line)


def _key(row: list[Any]) -> tuple[str, str]:
    return row[0], row[1]
