"""Export of a large collection, and what an analysis needs to read it: python -m benchmarks.bench_export --write

Fills a MariaDB of its own with --certificates (10,000,000: some 40 GB), exports it as Parquet and reads
all lineages and the coverage from the export; --write puts the table into docs/export.md.
"""

import argparse
import resource
import shutil
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.common import machine_line, markdown_table, write_between_markers
from benchmarks.export_data import fill
from ctcollect.analysis_data import open_export
from ctcollect.export import Progress, export
from ctcollect.store import Store
from tests.services.mariadb import MariadbServer

PAGE = Path(__file__).parents[1] / "docs" / "export.md"
# Measured: MariaDB with its indices, then both formats, DuckDB's table and what it spills.
BYTES_A_CERTIFICATE = 4_000


class Measured(NamedTuple):
    """One step in a process of its own: what it handled, its time, the most memory it took, what it wrote."""

    what: str
    rows: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    written_bytes: int


def export_all(what: str, url: str, folder: Path, file_format: str) -> Measured:
    """Every table, with its progress on standard error."""
    store = Store(url)
    begin = time.monotonic()
    manifest = export(store, folder / file_format, file_format, _Lines())
    store.close()
    rows, size = sum(manifest.tables.values()), sum(each.bytes for each in manifest.files)
    return _measured(what, rows, begin, size)


def read_all(what: str, folder: Path, file_format: str) -> Measured:
    """Every lineage and the coverage; rows are certificates."""
    begin = time.monotonic()
    with open_export(folder / file_format, folder) as data:
        rows = sum(len(lineage.issuances) for lineage in data.lineages())
        data.log_coverage()
    return _measured(what, rows, begin, 0)


def _measured(what: str, rows: int, begin: float, size: int) -> Measured:
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds, cpu_seconds = time.monotonic() - begin, used.ru_utime + used.ru_stime
    return Measured(what, rows, seconds, cpu_seconds, used.ru_maxrss * 1024, size)


class _Lines:
    """A line every ten seconds."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() - self._at > 10:
            self._at = time.monotonic()
            print(f"  {progress.table}: {progress.rows:,} rows", file=sys.stderr)


def alone(step: Callable[..., Measured], *arguments: object) -> Measured:
    """The step in a new process, so that memory is its own."""
    context = get_context("spawn")
    answers: SimpleQueue[Measured] = context.SimpleQueue()
    process = context.Process(target=_put, args=(answers, step, arguments))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{arguments[0]} failed")
    return answers.get()


def _put(answers: "SimpleQueue[Measured]", step: Callable[..., Measured], arguments: tuple[object, ...]) -> None:
    answers.put(step(*arguments))


def measure_all(folder: Path, certificates: int, with_csv: bool) -> list[Measured]:
    with MariadbServer(folder) as server:
        url = server.url("export")
        begin = time.monotonic()
        fill(Store(url), certificates)
        print(f"filled in {time.monotonic() - begin:,.0f} s", file=sys.stderr)
        steps = [alone(export_all, "export as Parquet", url, folder, "parquet")]
        if with_csv:
            steps.append(alone(export_all, "export as CSV", url, folder, "csv"))
    return [*steps, alone(read_all, "all lineages and the coverage from Parquet", folder, "parquet")]


def table(steps: list[Measured]) -> str:
    head = ["what", "rows", "seconds", "CPU seconds", "rows/s", "peak MB", "MB written"]
    rows = []
    for step in steps:
        figures = (step.rows, step.seconds, step.cpu_seconds, step.rows / step.seconds)
        sizes = (step.peak_bytes / 1e6, step.written_bytes / 1e6)
        rows.append([step.what, *(f"{value:,.0f}" for value in (*figures, *sizes))])
    return markdown_table(head, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--certificates", type=int, default=10_000_000)
    parser.add_argument("--csv", action="store_true", help="measure CSV as well")
    parser.add_argument("--write", action="store_true", help="put the table into docs/export.md")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="bench-export-") as folder:
        if shutil.disk_usage(folder).free < given.certificates * BYTES_A_CERTIFICATE:
            raise SystemExit(f"{folder} has less than {given.certificates * BYTES_A_CERTIFICATE / 1e9:,.0f} GB of room")
        steps = measure_all(Path(folder), given.certificates, given.csv)
    text = f"{given.certificates:,} certificates. Measured on {machine_line()}.\n\n{table(steps)}"
    print(text)
    if given.write:
        write_between_markers(PAGE, "bench_export", text)


if __name__ == "__main__":
    main()
