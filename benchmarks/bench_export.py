"""Export of a large collection, and what an analysis needs to read it: python -m benchmarks.bench_export --write

Fills a MariaDB of its own with --certificates (10,000,000: some 40 GB), exports it as Parquet and reads
all lineages and the coverage from the export; --write puts the table into docs/export.md. With --dir FOLDER the
collection is that of benchmarks/web_data.py, which is filled there when it is not, and stays.
"""

import argparse
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.common import machine_line, markdown_table, write_between_markers
from benchmarks.export_data import fill
from benchmarks.web_data import filled_server
from benchmarks.web_statements import Sizes
from ctcollect.analysis_data import open_export
from ctcollect.export import Progress, export, read_manifest
from ctcollect.store import Store
from tests.services.mariadb import MariadbServer

PAGE = Path(__file__).parents[1] / "docs" / "export.md"
# Measured: MariaDB with its indices, then both formats, DuckDB's table and what it spills.
BYTES_A_CERTIFICATE = 4_000
SIZED_LIKE_CERTIFICATES = ("certificates", "sightings", "ranges")


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
    measured = answers.get()
    print(measured, file=sys.stderr)
    return measured


def _put(answers: "SimpleQueue[Measured]", step: Callable[..., Measured], arguments: tuple[object, ...]) -> None:
    answers.put(step(*arguments))


@contextmanager
def new_collection(folder: Path, certificates: int) -> Iterator[str]:
    """The url of a database that is gone afterwards."""
    needed = certificates * BYTES_A_CERTIFICATE
    if shutil.disk_usage(folder).free < needed:
        raise SystemExit(f"{folder} has less than {needed / 1e9:,.0f} GB of room")
    with MariadbServer(folder) as server:
        url = server.url("export")
        begin = time.monotonic()
        fill(Store(url), certificates)
        print(f"filled in {time.monotonic() - begin:,.0f} s", file=sys.stderr)
        yield url


def kept_collection(folder: Path, certificates: int) -> AbstractContextManager[str]:
    """The url of what web_data has made in ``folder``, or makes now: of this size, in its proportions."""
    usual = Sizes()
    made = {name: getattr(usual, name) * certificates // usual.certificates for name in SIZED_LIKE_CERTIFICATES}
    return filled_server(folder, usual._replace(**made))


def measure_all(folder: Path, given: argparse.Namespace) -> list[Measured]:
    source, place = (kept_collection, given.dir) if given.dir else (new_collection, folder)
    with source(place, given.certificates) as url:
        steps = [alone(export_all, "export as Parquet", url, folder, "parquet")]
        if given.csv:
            steps.append(alone(export_all, "export as CSV", url, folder, "csv"))
    if not given.export_only:
        steps.append(alone(read_all, "all lineages and the coverage from Parquet", folder, "parquet"))
    return steps


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
    parser.add_argument("--dir", type=Path, help="export the collection of benchmarks/web_data.py in this folder")
    parser.add_argument("--csv", action="store_true", help="measure CSV as well")
    parser.add_argument("--export-only", action="store_true", help="do not read what was exported")
    parser.add_argument("--write", action="store_true", help="put the table into docs/export.md")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="bench-export-") as folder:
        steps = measure_all(Path(folder), given)
        certificates = read_manifest(Path(folder, "parquet")).tables["certificates"]
    text = f"{certificates:,} certificates. Measured on {machine_line()}.\n\n{table(steps)}"
    print(text)
    if given.write:
        write_between_markers(PAGE, "bench_export", text)


if __name__ == "__main__":
    main()
