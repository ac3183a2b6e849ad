"""A row as one value: the database joins the columns, bytes.split() parts them.

PyMySQL parses every value of a row in Python, which was most of the time that an export took. No text is ambiguous:
the two octets that have a meaning here occur nowhere in UTF-8.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, case, cast, func, literal_column

# The values of each column as the database writes them, in UTF-8, or None: numbers in decimal, truth values 0 and 1,
# times and days ISO text (UTC, a space between), JSON its text, octets lower-case hex.
Chunk = list[Sequence[bytes | None]]
SEPARATOR, NULL = b"\xff", b"\xfe"


def packed(columns: Sequence[Column[Any]], is_sqlite: bool) -> ColumnElement[Any]:
    """The expression for a row: the columns' texts in this order. MySQL gives NULL for more than max_allowed_packet."""
    separated = [part for column in columns for part in (_literal(SEPARATOR), _octets(column))][1:]
    if not is_sqlite:
        return func.concat(*separated)
    return cast(reduce(lambda row, part: row.op("||")(part), separated), LargeBinary)


def _literal(octets: bytes) -> ColumnElement[Any]:
    return literal_column(f"x'{octets.hex()}'")


def _octets(column: Column[Any]) -> ColumnElement[Any]:
    is_binary = isinstance(column.type, LargeBinary)
    text = cast(func.lower(func.hex(column)) if is_binary else column, LargeBinary)
    # Not coalesce: a text that is too long for MySQL to convert is NULL as well, and the row is to be so too.
    return case((column.is_(None), _literal(NULL)), else_=text) if column.nullable else text


def unpacked(rows: Sequence[bytes]) -> Chunk:
    """The values of rows that packed() made, by column."""
    columns = zip(*(row.split(SEPARATOR) for row in rows), strict=True)
    return [_with_null(values) for values in columns]


def _with_null(values: Sequence[bytes]) -> Sequence[bytes | None]:
    return [None if value == NULL else value for value in values] if NULL in values else values
