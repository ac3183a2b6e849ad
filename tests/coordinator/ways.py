"""One log, read in one of several ways: what is stored of it whatever the way."""

from pathlib import Path
from typing import Any

import orjson
import zstandard

from ctcollect.models import LogRow
from ctcollect.store import Store
from tests.coordinator.tables import HISTORY, Tables, content

# Where a log is and how it is read: all that the ways may differ in.
WAY = ("url", "submission_url", "kind", "queue", "archive", "batch_entries", "subrange_entries")


def stored(store: Store) -> tuple[Tables, dict[str, Any]]:
    """Every table's content, and of the log what its way does not decide."""
    tables = content(store)
    tables.pop("logs")
    with store.reading() as session:
        (row,) = session.query(LogRow).where(LogRow.tree_size > 0)
        known = {column.name: getattr(row, column.name) for column in LogRow.__table__.columns}
    return tables, {name: value for name, value in known.items() if name not in {*WAY, *HISTORY["logs"]}}


def leaves(data_dir: Path) -> list[tuple[int, str, str]]:
    """(index, leaf_input, extra_data) of every line of every leaf file."""
    files = (zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read() for path in data_dir.rglob("*.zst"))
    lines = [orjson.loads(line) for body in files for line in body.splitlines()]
    return sorted((line["index"], line["leaf_input"], line["extra_data"]) for line in lines)
