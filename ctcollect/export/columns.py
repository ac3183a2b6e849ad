"""Rows as the database gives them -> Arrow, and what Arrow calls the columns of an export."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import orjson
import pyarrow as pa

from ctcollect.export.tables import Column, ExportTable, Kind
from ctcollect.store.packed_rows import Chunk

UTC_MICROSECONDS = pa.timestamp("us", "UTC")
SCT = pa.struct([("log_id", pa.string()), ("timestamp_ms", pa.int64())])
TYPES = {
    Kind.STRING: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TIMESTAMP: UTC_MICROSECONDS,
    Kind.DATE: pa.date32(),
    Kind.STRINGS: pa.list_(pa.string()),
    Kind.INTEGERS: pa.list_(pa.int64()),
    Kind.SCTS: pa.list_(SCT),
}
DICTIONARY = pa.dictionary(pa.int32(), pa.string())
LARGEST_INTEGER = 2**63 - 1
# BigQuery takes no row beyond 50 MB. Only a row that is too large loses its longest texts.
MAX_ROW_BYTES = 50_000_000
LONGEST_OF_A_LARGE_ROW = 100_000


def arrow_schema(table: ExportTable) -> pa.Schema:
    """The types of a batch; a column that repeats is a dictionary here and plain text in the file."""
    return pa.schema([(c.name, DICTIONARY if c.repeats else TYPES[c.kind]) for c in table.columns])


def to_batch(table: ExportTable, chunk: Chunk) -> pa.RecordBatch:
    """The columns of store.export_pages, as Arrow."""
    batch = _batch(table, chunk)
    if batch.nbytes <= MAX_ROW_BYTES:
        return batch
    rows = [_cut(table, row) for row in zip(*chunk, strict=True)]
    return _batch(table, list(zip(*rows, strict=True)))


def empty_batch(table: ExportTable) -> pa.RecordBatch:
    """A batch without rows."""
    return to_batch(table, [()] * len(table.columns))


def _batch(table: ExportTable, chunk: Chunk) -> pa.RecordBatch:
    arrays = [_array(column, values) for column, values in zip(table.columns, chunk, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(table))


def _array(column: Column, values: Sequence[bytes | None]) -> pa.Array:
    match column.kind:
        case Kind.STRINGS | Kind.INTEGERS:
            return pa.array(_documents(values), TYPES[column.kind])
        case Kind.SCTS:
            return _scts(_documents(values))
    texts = pa.array(values, pa.string())
    match column.kind:
        case Kind.STRING:
            return texts.dictionary_encode() if column.repeats else texts
        case Kind.TIMESTAMP:
            return texts.cast(pa.timestamp("us")).cast(UTC_MICROSECONDS)
    return texts.cast(TYPES[column.kind])


def _documents(values: Sequence[bytes | None]) -> list[list[Any]]:
    """The lists behind JSON texts, read at one go; NULL is an empty list, as BigQuery has no other."""
    together: list[list[Any] | None] = orjson.loads(b"[" + b",".join(value or b"null" for value in values) + b"]")
    return [each or [] for each in together]


def _scts(lists: Sequence[Sequence[tuple[str, int]]]) -> pa.Array:
    offsets = [0]
    for each in lists:
        offsets.append(offsets[-1] + len(each))
    log_ids = pa.array([log_id for log_id, _ in chain.from_iterable(lists)], pa.string())
    moments = (ms for _, ms in chain.from_iterable(lists))
    times = pa.array([ms if ms <= LARGEST_INTEGER else None for ms in moments], pa.int64())
    structs = pa.StructArray.from_arrays([log_ids, times], fields=list(SCT))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), structs)


def _cut(table: ExportTable, row: Sequence[bytes | None]) -> Sequence[bytes | None]:
    """A row that BigQuery takes: one that is too large loses its long texts, which ``faults`` then names."""
    if sum(len(value) for value in row if value) <= MAX_ROW_BYTES:
        return row
    values = dict(zip(table.column_names, row, strict=True))
    lengths = {name: len(value.decode()) for name, value in values.items() if value}
    long = [name for name, length in lengths.items() if length > LONGEST_OF_A_LARGE_ROW]
    faults = [f"{name}: {lengths[name]} characters, more than are exported of a large row" for name in long]
    values |= dict.fromkeys(long)
    if "faults" in values:
        values["faults"] = orjson.dumps([*orjson.loads(values["faults"] or b"[]"), *faults])
    return list(values.values())
