"""``ctcollect export``."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.status import Status

from ctcollect.cli.common import ready_store
from ctcollect.errors import ConfigurationError

if TYPE_CHECKING:
    from ctcollect.export import Progress

LINE_EVERY_SECONDS = 2.0
FOLDER = click.Path(path_type=Path)


@click.command()
@click.option("--format", "file_format", type=click.Choice(["parquet", "csv"]), help="Of the files.")
@click.option("--out", "directory", type=FOLDER, help="A folder that is not there yet, or is empty.")
@click.option("--check", "checked", type=FOLDER, metavar="DIR", help="Compare an export with its manifest instead.")
def export(file_format: str | None, directory: Path | None, checked: Path | None) -> None:
    """Write the whole collection as files: certificates, names, sightings, daily counts, ledger.

    Parquet as BigQuery loads it, or CSV. The fleet may go on collecting meanwhile.
    """
    if checked is not None:
        if file_format or directory:
            raise click.UsageError("--check compares an export that is there: leave --format and --out away")
        _check(checked)
    elif not file_format or directory is None:
        raise click.UsageError("give --format parquet or csv, and --out DIR; or --check DIR")
    else:
        _export(file_format, directory)


def _export(file_format: str, directory: Path) -> None:
    with extra_told():
        from ctcollect import export as exporting
    store = ready_store()
    with Shown() as shown:
        manifest = exporting.export(store, directory, file_format, shown.show)
    rows, size = sum(manifest.tables.values()), sum(each.bytes for each in manifest.files)
    click.echo(f"{rows:,} rows of {len(manifest.tables)} tables, {size / 1e6:,.1f} MB, are in {directory}")


def _check(directory: Path) -> None:
    with extra_told():
        from ctcollect import export as exporting
    manifest = exporting.read_manifest(directory)
    wrong = list(exporting.disagreements(directory, manifest))
    for line in wrong:
        click.echo(line)
    click.echo(
        f"{len(wrong):,} things do not agree with the manifest"
        if wrong
        else f"{len(manifest.files):,} files with {sum(manifest.tables.values()):,} rows are as the manifest tells"
    )
    sys.exit(1 if wrong else 0)


@contextmanager
def extra_told() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"this needs {error.name}: pip install 'ctcollect[analysis]'") from None


class Shown:
    """How far it is, on standard error: a line that changes on a terminal, a line every two seconds elsewhere."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._status: Status | None = console.status("begins") if console.is_terminal else None
        self._line_at = time.monotonic()

    def __enter__(self) -> "Shown":
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    def show(self, progress: "Progress") -> None:
        self.say(f"table {progress.number} of {progress.tables}, {progress.table}: {progress.rows:,} rows")

    def say(self, line: str) -> None:
        if self._status:
            self._status.update(line)
        elif time.monotonic() - self._line_at >= LINE_EVERY_SECONDS:
            self._line_at = time.monotonic()
            click.echo(line, err=True)
