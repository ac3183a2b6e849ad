"""Whole tables, read in the order of their primary key and in short transactions: nothing waits for a reader."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Date, Integer, String, Table, and_, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from ctcollect.errors import StoreUnavailable
from ctcollect.models import VERIFIED, Base, RangeRow
from ctcollect.store.engine import Store
from ctcollect.store.packed_rows import Chunk, packed, unpacked

# A page is one transaction. A chunk is what is in memory at a time; it ends when it is long or large.
ROWS_A_PAGE = 20_000
ROWS_A_CHUNK = 1_000
OCTETS_A_CHUNK = 8 * 2**20
ROWS_AT_ONCE = 100


def table_chunks(
    store: Store, table_name: str, columns: Sequence[str], bound_column: str | None = None
) -> Iterator[Chunk]:
    """The values of ``columns``, of at most ROWS_A_CHUNK rows at a time, in the order of the primary key.

    ``columns`` hold the primary key; packed_rows says how values are written. ``bound_column``: rows behind the newest
    one of now are not read. A row that is committed while this runs is there or not; one that was there at the
    beginning and has not been deleted is there, once, as it stood when its page was read. StoreUnavailable when the
    database fails, or can't give a row because of its length.
    """
    table = Base.metadata.tables[table_name]
    keys = list(table.primary_key.columns)
    row = packed([table.c[name] for name in columns], store.is_sqlite)
    statement = select(row).order_by(*map(_comparable, keys)).limit(ROWS_A_PAGE)
    if bound_column:
        statement = statement.where(table.c[bound_column] <= _newest(store, table, bound_column))
    page, count = statement, ROWS_A_PAGE
    while count == ROWS_A_PAGE:
        count = 0
        with store.reading() as session:
            for rows in _stream(session, page, table_name):
                count += len(rows)
                yield (chunk := unpacked(rows))
        if count:
            page = statement.where(_behind(keys, [chunk[columns.index(key.name)][-1] for key in keys]))


def _stream(session: Session, statement: Any, table_name: str) -> Iterator[list[bytes]]:
    """The rows of a statement, those of a chunk at a time."""
    at_once = min(ROWS_AT_ONCE, ROWS_A_CHUNK)
    found = session.scalars(statement.execution_options(stream_results=True, max_row_buffer=at_once))
    rows: list[bytes] = []
    octets = 0
    for some in found.partitions(at_once):
        if None in some:
            raise StoreUnavailable(f"a row of the table {table_name} is too long for max_allowed_packet: raise that")
        rows += some
        octets += sum(map(len, some))
        if len(rows) > ROWS_A_CHUNK - at_once or octets >= OCTETS_A_CHUNK:
            yield rows
            rows, octets = [], 0
    if rows:
        yield rows


def _newest(store: Store, table: Table, column: str) -> int:
    with store.reading() as session:
        return int(session.scalar(select(func.max(table.c[column]))) or 0)


def _comparable(column: Column[Any]) -> ColumnElement[Any]:
    return type_coerce(column, String) if isinstance(column.type, Date) else column


def _behind(keys: Sequence[Column[Any]], last: Sequence[Any]) -> ColumnElement[bool]:
    """Keys greater than ``last``, in words that every database answers with a range of the primary key's index."""
    first, value = _comparable(keys[0]), _key_value(keys[0], last[0])
    if len(keys) == 1:
        return first > value
    return and_(first >= value, or_(first > value, _behind(keys[1:], last[1:])))


def _key_value(column: Column[Any], text: bytes) -> int | str:
    return int(text) if isinstance(column.type, Integer) else text.decode()


def verified_until(session: Session) -> datetime | None:
    """When the newest range was verified: of all that were by then, the certificates are there."""
    return session.scalar(select(func.max(RangeRow.verified_at)).where(RangeRow.state == VERIFIED))
