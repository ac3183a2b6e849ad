"""The heavy part: every piece of the data to aggregates and lineage rows, on several cores.

Pieces are merged in their own order, so that nothing depends on how many processes there were.
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb

from ctcollect.analysis.aggregates import Aggregates
from ctcollect.analysis.coverage import Coverage
from ctcollect.analysis.domain import analyse_domain, analyse_lineages, cover_of, sort_out
from ctcollect.analysis.groups import ALL, organisation_groups
from ctcollect.analysis.issuance import Issuance, unique
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.rules import Rules
from ctcollect.analysis_data.pieces import PieceReader, Pieces, Row
from ctcollect.errors import ConfigurationError
from ctcollect.report.lineage_rows import lineage_row, write_sorted

# Smaller data are done before a second process has started.
WORTH_A_PROCESS = 4


@dataclass(slots=True)
class Findings:
    """Of a piece, or of all: ``sightings`` (entries of logs) by group, each certificate's once."""

    aggregates: Aggregates
    sightings: Counter[str] = field(default_factory=Counter)

    def merge(self, other: "Findings") -> None:
        """Take those of other pieces."""
        self.aggregates.merge(other.aggregates)
        self.sightings.update(other.sightings)


@dataclass(frozen=True, slots=True)
class Task:
    """One piece, and what is needed to work on it in another process."""

    files: tuple[Path, ...]
    wide_names: Path
    rows_file: Path
    coverage: Coverage
    rules: Rules


def analyse_pieces(
    pieces: Pieces, coverage: Coverage, rules: Rules, folder: Path, processes: int, report: Callable[[int, int], None]
) -> tuple[Findings, list[Path]]:
    """Everything added up, and the files with the rows of lineages.csv; ``report`` gets pieces done and of how many."""
    tasks = [
        Task(files, pieces.wide_names, folder / f"rows-{number}.jsonl", coverage, rules)
        for number, files in enumerate(pieces.files)
    ]
    whole = Findings(Aggregates(coverage, rules))
    if pieces.without_domain:
        whole.aggregates.refused["no_registered_domain"] += pieces.without_domain
    with _mapped(tasks, processes) as results:
        for done, found in enumerate(results, start=1):
            whole.merge(found)
            report(done, len(tasks))
    return whole, [task.rows_file for task in tasks]


@contextmanager
def _mapped(tasks: list[Task], processes: int) -> Iterator[Iterator[Findings]]:
    """The results in the order of the tasks; ConfigurationError when a process was ended from outside."""
    workers = processes if len(tasks) >= WORTH_A_PROCESS else 1
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_collect_rarely)
    try:
        yield map(analyse_piece, tasks) if workers == 1 else pool.map(analyse_piece, tasks)
    except BrokenProcessPool:
        raise ConfigurationError("a process of the analysis was ended, most likely for want of memory") from None
    except duckdb.Error as error:
        reason = str(error).strip().split("\n")[0]
        raise ConfigurationError(f"the pieces of the data can't be read: {reason}") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _collect_rarely() -> None:
    """What a piece makes has no cycles worth looking for: a tenth of the time is saved."""
    gc.set_threshold(200_000, 50, 50)


def analyse_piece(task: Task) -> Findings:
    """All domains of a piece; their rows go into the task's file."""
    found = Findings(Aggregates(task.coverage, task.rules))
    rows: list[list[Any]] = []

    def kept(results: Iterator[LineageResult]) -> Iterator[LineageResult]:
        for result in results:
            if result.is_primary:
                rows.append(lineage_row(result))
            yield result

    with PieceReader(task.files, task.wide_names, task.rows_file.with_suffix(".spilled")) as reader:
        for domain, of_domain in reader.domains():
            _count_sightings(found.sightings, of_domain)
            results, refused = analyse_domain(domain, [row.issuance for row in of_domain], task.coverage, task.rules)
            found.aggregates.add_domain(kept(iter(results)), refused)
        for domain in reader.large_domains():
            _add_large(domain, reader, found, task, kept)
    write_sorted(rows, task.rows_file)
    return found


def _add_large(
    domain: str,
    reader: PieceReader,
    found: Findings,
    task: Task,
    kept: Callable[[Iterator[LineageResult]], Iterator[LineageResult]],
) -> None:
    """A domain that does not fit into memory: read twice, for what covers its gaps and for its lineages."""
    refused: Counter[str] = Counter()

    def usable(counts: Counter[str]) -> Iterator[list[Issuance]]:
        for of_lineage in reader.lineages_of(domain):
            certificates, reasons = sort_out(unique(row.issuance for row in of_lineage), task.rules)
            counts.update(reasons)
            if certificates:
                yield certificates

    for of_lineage in reader.lineages_of(domain):
        _count_sightings(found.sightings, of_lineage)
    cover = cover_of(domain, usable(refused))
    results = analyse_lineages(usable(Counter()), cover, task.coverage, task.rules)
    found.aggregates.add_domain(kept(results), refused)


def _count_sightings(counts: Counter[str], rows: list[Row]) -> None:
    """Of the certificates that belong to the domain first."""
    domain = rows[0].domain
    number = sum(row.sightings for row in rows if row.issuance.registered_domains[0] == domain)
    for group in (ALL, *organisation_groups(domain)):
        counts[group] += number
