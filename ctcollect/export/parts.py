"""The files of one table: a folder a day where the table has days, row groups and files of a good size."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Self

import pyarrow as pa

from ctcollect.export.columns import empty_batch, to_batch
from ctcollect.export.files import HashedFile
from ctcollect.export.formats import CsvPart, ParquetPart
from ctcollect.export.manifest import FileEntry
from ctcollect.export.tables import ExportTable
from ctcollect.store.packed_rows import Chunk

# In memory. BigQuery reads row groups of 16 MiB or more well, and in the file they are smaller than here.
ROW_GROUP_BYTES = 80 * 2**20
FILE_BYTES = 512 * 2**20
# Rows come nearly in the order of days: two are open around midnight.
OPEN_DAYS = 3


class Background:
    """One piece of work at a time beside the caller's: while rows are compressed the next ones are read."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="export")
        self._running: Future[None] | None = None

    def start(self, work: Callable[[], None]) -> None:
        """Begin when the piece before has ended; raises what that one raised."""
        self.wait()
        self._running = self._pool.submit(work)

    def wait(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()


@dataclass
class _Part:
    """One open file with the batches of its next row group."""

    path: Path
    file: HashedFile
    writer: ParquetPart | CsvPart
    background: Background
    batches: list[pa.RecordBatch] = field(default_factory=list)
    batch_bytes: int = 0
    total_bytes: int = 0
    rows: int = 0

    def add(self, batch: pa.RecordBatch) -> None:
        self.batches.append(batch)
        self.batch_bytes += batch.nbytes
        self.rows += batch.num_rows
        if self.batch_bytes >= ROW_GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        if self.batches:
            rows = pa.Table.from_batches(self.batches)
            self.background.start(lambda: self.writer.write(rows))
            self.total_bytes += self.batch_bytes
            self.batches, self.batch_bytes = [], 0

    def close(self) -> None:
        self.flush()
        self.background.wait()
        self.writer.close()
        self.file.close()


class TableParts:
    """Writes one table below ``folder``, the top of an export; ``closed`` are the files that are complete."""

    def __init__(
        self, folder: Path, table: ExportTable, part: type[ParquetPart] | type[CsvPart], background: Background
    ) -> None:
        self._folder, self._table, self._part, self._background = folder, table, part, background
        self._open: dict[str, _Part] = {}
        self._day_at = table.column_names.index(table.day_column) if table.day_column else None
        self.closed: list[FileEntry] = []
        self.rows = 0

    def add(self, chunk: Chunk) -> None:
        """Append what store.export_pages gives."""
        for day, piece in self._days(chunk):
            batch = to_batch(self._table, piece)
            self._part_of(day).add(batch)
            self.rows += batch.num_rows

    def _days(self, chunk: Chunk) -> Iterator[tuple[str, Chunk]]:
        """The chunk, cut where the day changes."""
        if self._day_at is None:
            yield "", chunk
            return
        start = 0
        for day, same in groupby((moment or b"")[:10] for moment in chunk[self._day_at]):
            end = start + sum(1 for _ in same)
            yield f"dt={day.decode()}", [values[start:end] for values in chunk]
            start = end

    def finish(self, today: date) -> None:
        """Close every file; a table without rows has one file all the same, of the day ``today``."""
        if not self.closed and not self._open:
            day = "" if self._day_at is None else f"dt={today}"
            self._part_of(day).batches.append(empty_batch(self._table))
        for day in list(self._open):
            self._close(day)

    def abandon(self) -> None:
        """Close the files as they are; they are not to be used."""
        with suppress(Exception):  # what went wrong is being told already
            self._background.wait()
        for part in self._open.values():
            part.file.abandon()
            part.writer.close()

    def _part_of(self, day: str) -> _Part:
        part = self._open.pop(day, None)
        if part is not None and part.total_bytes >= FILE_BYTES:
            self._open[day] = part
            self._close(day)
            part = None
        while part is None and len(self._open) >= OPEN_DAYS:
            self._close(next(iter(self._open)))  # the one that was not written to for longest
        self._open[day] = part or self._new(day)
        return self._open[day]

    def _new(self, day: str) -> _Part:
        number = len(self.closed) + len(self._open)
        path = Path(self._table.name, day, f"part-{number:05d}{self._part.suffix}")
        file = HashedFile(self._folder / path)
        return _Part(path, file, self._part(file, self._table), self._background)

    def _close(self, day: str) -> None:
        part = self._open[day]
        part.close()
        del self._open[day]
        file = part.file
        self.closed.append(FileEntry(str(part.path), file.size_bytes, file.sha256, self._table.name, part.rows))
