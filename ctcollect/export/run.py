"""An export: every table in turn, in pieces, into a folder that has its name when all is there."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ctcollect import __version__
from ctcollect.export.bigquery import load_script, readme, schema_json
from ctcollect.export.files import HashedFile, folder_when_done
from ctcollect.export.formats import FORMATS
from ctcollect.export.manifest import NAME, FileEntry, Manifest
from ctcollect.export.parts import Background, TableParts
from ctcollect.export.tables import TABLES, ExportTable
from ctcollect.store import Store, utc_now
from ctcollect.store.export_pages import table_chunks, verified_until


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an export is: ``rows`` of ``table`` are written; ``number`` of ``tables`` tables are begun."""

    table: str
    number: int
    tables: int
    rows: int


def _nobody(_progress: Progress) -> None:
    """For who does not want to know."""


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Python looks for cycles after so many new lists: rows are many lists without a cycle. A fifth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def export(
    store: Store, directory: Path, file_format: str = "parquet", report: Callable[[Progress], None] = _nobody
) -> Manifest:
    """Write every table of TABLES below ``directory``; ``report`` is called after each thousand rows or fewer.

    Other processes may write meanwhile, none waits; docs/export.md says what of that is in the export. On any error,
    and on Ctrl+C, nothing is left. ConfigurationError: the directory is there and not empty. DiskUnavailable,
    StoreUnavailable: as their names say.
    """
    with folder_when_done(directory) as partial, Background() as background, _rare_collections():
        started_at = utc_now()
        with store.reading() as session:
            until = verified_until(session)
        files: list[FileEntry] = []
        counts: dict[str, int] = {}
        for table in TABLES:
            parts = TableParts(partial, table, FORMATS[file_format], background)
            _write_table(store, table, parts, started_at.date(), report)
            counts[table.name] = parts.rows
            files += parts.closed
        files += _write_companions(partial, counts, file_format, started_at.date())
        manifest = Manifest(__version__, file_format, started_at, utc_now(), until, counts, tuple(files))
        _write(partial, NAME, manifest.to_json())
    return manifest


def _write_table(
    store: Store, table: ExportTable, parts: TableParts, today: date, report: Callable[[Progress], None]
) -> None:
    number = TABLES.index(table) + 1
    try:
        for chunk in table_chunks(store, table.name, table.column_names, table.bound_column):
            parts.add(chunk)
            report(Progress(table.name, number, len(TABLES), parts.rows))
        parts.finish(today)
    except BaseException:
        parts.abandon()
        raise


def _write_companions(folder: Path, counts: dict[str, int], file_format: str, today: date) -> list[FileEntry]:
    texts = {f"{table.name}/schema.json": schema_json(table, file_format) for table in TABLES}
    texts["load.sh"] = load_script(TABLES, file_format)
    texts["README.md"] = readme(TABLES, counts, __version__, today)
    return [_write(folder, path, text) for path, text in texts.items()]


def _write(folder: Path, path: str, text: str) -> FileEntry:
    file = HashedFile(folder / path)
    file.write(text.encode())
    file.close()
    return FileEntry(path, file.size_bytes, file.sha256)
