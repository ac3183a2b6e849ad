"""Whole tables, read in the order of their primary key and in short transactions: nothing waits for a reader.

Values come as the database writes them, so that millions of rows need no Python object a field more than they must.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    and_,
    cast,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import Boolean

from ctcollect.models import VERIFIED, Base, RangeRow
from ctcollect.store.engine import Store

# The values of each column.
Chunk = list[Sequence[Any]]
# A page is one transaction. A chunk is what is in memory at a time, and few rows of it may be large.
ROWS_A_PAGE = 20_000
ROWS_A_CHUNK = 1_000


def table_chunks(
    store: Store, table_name: str, columns: Sequence[str], bound_column: str | None = None
) -> Iterator[Chunk]:
    """The values of ``columns``, of at most ROWS_A_CHUNK rows at a time, in the order of the primary key.

    ``columns`` hold the primary key. Numbers are int, truth values 0 and 1, times and days ISO text (UTC, a space
    between), JSON its text, octets lower-case hex. ``bound_column``: rows behind the newest one of now are not read.
    A row that is committed while this runs is there or not; one that was there at the beginning and has not been
    deleted is there, once, as it stood when its page was read. StoreUnavailable when the database fails.
    """
    table = Base.metadata.tables[table_name]
    keys = [_comparable(column) for column in table.primary_key.columns]
    keys_at = [columns.index(column.name) for column in table.primary_key.columns]
    statement = select(*(_plain(table.c[name]) for name in columns)).order_by(*keys).limit(ROWS_A_PAGE)
    if bound_column:
        statement = statement.where(table.c[bound_column] <= _newest(store, table, bound_column))
    page, count = statement, ROWS_A_PAGE
    while count == ROWS_A_PAGE:
        count = 0
        with store.reading() as session:
            for rows in _stream(session, page):
                count += len(rows)
                yield list(zip(*rows, strict=True))
        if count:
            page = statement.where(_behind(keys, [rows[-1][at] for at in keys_at]))


def _stream(session: Session, statement: Any) -> Iterator[Sequence[Sequence[Any]]]:
    options = {"stream_results": True, "max_row_buffer": ROWS_A_CHUNK}
    yield from session.execute(statement.execution_options(**options)).partitions(ROWS_A_CHUNK)


def _newest(store: Store, table: Table, column: str) -> int:
    with store.reading() as session:
        return int(session.scalar(select(func.max(table.c[column]))) or 0)


def _comparable(column: Any) -> ColumnElement[Any]:
    return type_coerce(column, String) if isinstance(column.type, Date) else column


def _plain(column: Any) -> ColumnElement[Any]:
    if isinstance(column.type, JSON):
        return type_coerce(column, Text)
    if isinstance(column.type, (Date, DateTime)):
        return cast(column, String)
    if isinstance(column.type, LargeBinary):
        return func.lower(func.hex(column))
    return type_coerce(column, Integer) if isinstance(column.type, Boolean) else column


def _behind(keys: Sequence[ColumnElement[Any]], last: Sequence[Any]) -> ColumnElement[bool]:
    """Keys greater than ``last``, in words that every database answers with a range of the primary key's index."""
    first, value = keys[0], last[0]
    if len(keys) == 1:
        return first > value
    return and_(first >= value, or_(first > value, _behind(keys[1:], last[1:])))


def verified_until(session: Session) -> datetime | None:
    """When the newest range was verified: of all that were by then, the certificates are there."""
    return session.scalar(select(func.max(RangeRow.verified_at)).where(RangeRow.state == VERIFIED))
