"""What several commands share: settings, a database that is known to be ready, JSON and tables for people."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from ctcollect.settings import load
from ctcollect.store import Store, schema


def ready_store() -> Store:
    """The configured database; StoreUnavailable or ConfigurationError, in a line, when it can't be used."""
    store = opened_store()
    schema.check(store)
    return store


def opened_store() -> Store:
    """The configured database, prepared or not, closed when the command ends."""
    store = Store(load().database_url)
    click.get_current_context().call_on_close(store.close)
    return store


def print_json(document: object) -> None:
    """Times are ISO 8601 in UTC."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
    click.echo(orjson.dumps(document, option=options).decode())


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Numbers to the right with separators; on a pipe the full width is used, nothing is cut."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    rows = list(rows)
    for at, name in enumerate(columns):
        is_number = any(isinstance(row[at], (int, float)) and not isinstance(row[at], bool) for row in rows)
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(_text, row))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 1000
    console.print(table)


def _text(cell: Any) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, (int, float)):
        return f"{cell:,}"
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=UTC).isoformat(timespec="seconds")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
