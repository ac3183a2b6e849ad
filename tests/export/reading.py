"""What an export holds and what the tables hold, in one form: rows of Python values, in the order of the key."""

import csv
import gzip
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import select

from ctcollect.export.manifest import Manifest
from ctcollect.export.tables import Column, ExportTable, Kind
from ctcollect.models import Base
from ctcollect.store import Store

Rows = list[dict[str, Any]]


def stored(store: Store, table: ExportTable) -> Rows:
    """The rows of the database as an export is to show them."""
    source = Base.metadata.tables[table.name]
    statement = select(*(source.c[name] for name in table.column_names)).order_by(*source.primary_key.columns)
    with store.reading() as session:
        rows = session.execute(statement).all()
    return [{c.name: _shown(c, value) for c, value in zip(table.columns, row, strict=True)} for row in rows]


def _shown(column: Column, value: Any) -> Any:
    if column.kind is Kind.SCTS:
        return [{"log_id": log_id, "timestamp_ms": ms if ms < 2**63 else None} for log_id, ms in value or []]
    if isinstance(value, bytes):
        return value.hex()
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def exported(directory: Path, manifest: Manifest, table: ExportTable) -> Rows:
    read = {"parquet": _parquet, "csv": _csv}[manifest.format]
    rows = [row for path in manifest.paths_of(table.name) for row in read(directory / path, table)]
    key = [column.name for column in Base.metadata.tables[table.name].primary_key.columns]
    return sorted(rows, key=lambda row: [row[name] for name in key])


def _parquet(path: Path, _table: ExportTable) -> Rows:
    with path.open("rb") as file:  # by its path pyarrow would take dt=... for a column
        rows: Rows = pq.read_table(file).to_pylist()
    return rows


def _csv(path: Path, table: ExportTable) -> Rows:
    text = gzip.decompress(path.read_bytes()).decode()
    head, *lines = csv.reader(io.StringIO(text, newline=""))
    assert tuple(head) == table.column_names
    return [{c.name: _value(c, cell) for c, cell in zip(table.columns, line, strict=True)} for line in lines]


def _value(column: Column, cell: str) -> Any:
    """The csv module does not tell "" from NULL: no text of the rows is empty."""
    if not cell:
        return None
    match column.kind:
        case Kind.STRING:
            return cell
        case Kind.INTEGER:
            return int(cell)
        case Kind.BOOLEAN:
            return {"true": True, "false": False}[cell]
        case Kind.TIMESTAMP:
            return datetime.fromisoformat(cell)
        case Kind.DATE:
            return date.fromisoformat(cell)
    return json.loads(cell)
