"""A collection as an analysis reads it: lineages, streamed in order, and what was verified.

An export and the database it was made from give the same rows in the same order: the database is exported first.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from ctcollect.analysis.issuance import Issuance
from ctcollect.analysis_data import sql
from ctcollect.analysis_data.coverage import TimedRange, runs, time_span
from ctcollect.analysis_data.rows import CollectedLog, Lineage
from ctcollect.analysis_data.views import create_views
from ctcollect.errors import ConfigurationError
from ctcollect.export import Manifest, Progress, export, read_manifest
from ctcollect.ranges import RANGE_ENTRIES, Span, join_spans
from ctcollect.store import Store

MEMORY = "2GB"
IDS_AT_ONCE = 500_000
ROWS_AT_ONCE = 10_000
# What a log may say to count as a time: from the first log's year to the last year that a date can hold.
CT_TIMES = {"ct_began_ms": 1_356_998_400_000, "time_ends_ms": 253_402_300_799_999}
NAMES_AT = Issuance._fields.index("names")


class Dataset:
    """An export behind a DuckDB connection. ``connection`` has a view a table; ``manifest`` tells the data's date."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> None:
        self.connection = connection
        self.manifest = manifest
        self._is_prepared = False

    def lineages(self, part: int = 0, parts: int = 1) -> Iterator[Lineage]:
        """Every lineage once, in the order of names; few of them are in memory.

        Of several ``parts``, which processes can read at a time, each lineage is in one.
        """
        for names, rows in groupby(self._issuances(part, parts), key=itemgetter(NAMES_AT)):
            yield Lineage(names, tuple(rows))

    def _issuances(self, part: int, parts: int) -> Iterator[Issuance]:
        self.prepare()
        cursor = self.connection.execute(sql.LINEAGES, {"part": part, "parts": parts})
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for row in rows:
                yield Issuance._make(tuple(value) if type(value) is list else value for value in row)

    def prepare(self) -> None:
        """One row a certificate, made in pieces so that no piece is too large for the memory."""
        if self._is_prepared:
            return
        newest = self.connection.execute("SELECT coalesce(max(id), -1) FROM certificates").fetchone()
        assert newest is not None
        for first in range(0, max(newest[0], 0) + 1, IDS_AT_ONCE):
            target = "INSERT INTO issuances" if first else "CREATE TABLE issuances AS"
            bounds = {"first": first, "end": first + IDS_AT_ONCE}
            self.connection.execute(target + sql.ISSUANCES, bounds | CT_TIMES)
        self._is_prepared = True

    def log_coverage(self) -> list[CollectedLog]:
        """Of every log, by name, what is proven complete."""
        verified, windows = self._verified(), self._windows()
        rows = self.connection.execute(sql.LOGS).fetchall()
        return [_coverage(row, verified.get(row[0], []), windows.get(row[0], [])) for row in rows]

    def _verified(self) -> dict[str, list[TimedRange]]:
        if self.manifest.verified_until is None:
            return {}
        until = self.manifest.verified_until.replace(tzinfo=UTC)
        values = {"range_entries": RANGE_ENTRIES, "verified_until": until} | CT_TIMES
        cursor = self.connection.execute(sql.RANGE_TIMES, values)
        found: dict[str, list[TimedRange]] = {}
        for log_id, start, end, *times in cursor.fetchall():
            found.setdefault(log_id, []).append(TimedRange(Span(start, end), *times))
        return found

    def _windows(self) -> dict[str, list[Span]]:
        found: dict[str, list[Span]] = {}
        for log_id, start, end in self.connection.execute(sql.WINDOWS).fetchall():
            found.setdefault(log_id, []).append(Span(start, end))
        return found


def _coverage(row: Sequence[Any], verified: Sequence[TimedRange], windows: Sequence[Span]) -> CollectedLog:
    log_id, start, end, name, operator, state, size = row
    spans = (time_span(run, size) for run in runs(verified))
    return CollectedLog(
        log_id=log_id,
        not_after_start_s=start,
        not_after_end_s=end,
        issued=tuple(span for span in spans if span),
        name=name,
        operator=operator,
        state=state,
        tree_size=size,
        wanted=tuple(windows),
        verified=tuple(join_spans(each.span for each in verified)),
    )


@contextmanager
def open_export(directory: Path, work_dir: Path | None = None, memory: str = MEMORY) -> Iterator[Dataset]:
    """The export in ``directory``. DuckDB takes at most ``memory`` and puts what is more below ``work_dir``.

    ConfigurationError, in a line, when it is no export or its files can't be read.
    """
    manifest = read_manifest(directory)
    with TemporaryDirectory(prefix="ctcollect-", dir=work_dir) as folder:
        try:
            with _connect(Path(folder), memory) as connection:
                create_views(connection, directory, manifest)
                yield Dataset(connection, manifest)
        except duckdb.OutOfMemoryException as error:
            raise ConfigurationError(f"DuckDB needs more than {memory} of memory: {_first_line(error)}") from None
        except duckdb.Error as error:
            raise ConfigurationError(f"the export {directory} can't be read: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


def _nobody(_progress: Progress) -> None:
    """For who does not want to know."""


@contextmanager
def open_database(
    store: Store,
    work_dir: Path | None = None,
    memory: str = MEMORY,
    report: Callable[[Progress], None] = _nobody,
) -> Iterator[Dataset]:
    """The database as it stands now: exported below ``work_dir``, which must have room for it, and read from there."""
    with TemporaryDirectory(prefix="ctcollect-", dir=work_dir) as folder:
        export(store, Path(folder, "export"), report=report)
        with open_export(Path(folder, "export"), work_dir, memory) as dataset:
            yield dataset


def _connect(folder: Path, memory: str) -> duckdb.DuckDBPyConnection:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(folder / "spilled"),
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection = duckdb.connect(folder / "issuances.duckdb", config=settings)
    connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    return connection
