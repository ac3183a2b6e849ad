"""The database: one Store a process, transactions, and upserts that MySQL and SQLite both understand."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, and_, create_engine, event, false, or_
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm import Session as Session

from ctcollect.errors import ConfigurationError, StoreUnavailable
from ctcollect.models import GuardRow

CONNECT_TIMEOUT_SECONDS = 10
SQLITE_BUSY_SECONDS = 60
Columns = TypeVarTuple("Columns")
LONGEST_LIST_BYTES = 16 * 2**20
MYSQL_MODE = "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO"
# What the pool meets when it puts a broken connection away, its user was told already.
logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)


def utc_now() -> datetime:
    """Now, in UTC without zone, to the millisecond: as the tables hold it."""
    now = datetime.now(UTC).replace(tzinfo=None)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def tokyo_day(moment_utc: datetime) -> date:
    """The calendar day in Asia/Tokyo of a UTC time without zone."""
    return (moment_utc + timedelta(hours=9)).date()


def parse_database_url(given: str) -> URL:
    """ConfigurationError in one line when ``given`` names no database that this project can use."""
    try:
        url = make_url(given)
        backend = url.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise ConfigurationError(
            "CTCOLLECT_DATABASE_URL is not a database url such as sqlite:////path/ct.sqlite"
        ) from None
    if backend not in ("mysql", "mariadb", "sqlite"):
        raise ConfigurationError(f"CTCOLLECT_DATABASE_URL names {backend}: use mysql+pymysql:// or sqlite:///")
    return url


class Store:
    """Sessions on one database. Thread-safe; opening it does not connect."""

    def __init__(self, database_url: str) -> None:
        self.url = parse_database_url(database_url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._create_engine()
        self._writer = self.engine.execution_options(is_write=True)

    def _create_engine(self) -> Engine:
        if self.is_sqlite:
            engine = create_engine(self.url, connect_args={"timeout": SQLITE_BUSY_SECONDS, "isolation_level": None})
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        timeouts = {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "read_timeout": 120, "write_timeout": 120}
        # MySQL cuts longer lists of GROUP_CONCAT off at a thousand characters, and says so only in a warning.
        init = f"SET SESSION sql_mode='{MYSQL_MODE}', time_zone='+00:00', group_concat_max_len={LONGEST_LIST_BYTES}"
        return create_engine(
            self.url.update_query_dict({"charset": "utf8mb4"}),
            connect_args={**timeouts, "init_command": init},
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            pool_recycle=1800,
        )

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end, or rolls back and raises; StoreUnavailable when the database fails."""
        with self._session(self._writer) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading only."""
        with self._session(self.engine) as session:
            yield session

    @contextmanager
    def _session(self, engine: Engine) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session:
                yield session
        except DBAPIError as error:
            raise StoreUnavailable(self.explain(error)) from error
        except PoolTimeout as error:
            raise StoreUnavailable("every connection to the database is in use") from error

    def explain(self, error: DBAPIError) -> str:
        """What a failure of the database means, in a line, without its password."""
        cause = " ".join(str(error.orig).split())
        where = self.url.render_as_string(hide_password=True)
        if "no such table" in cause or "doesn't exist" in cause or "Unknown database" in cause:
            return f"the database {where} is not prepared: run 'ctcollect db upgrade'"
        return f"the database {where} failed: {cause:.200}"

    def takes_writes(self) -> bool:
        """Whether the database takes a small write now; one that is full or read-only still answers questions."""
        probe = {"job": "probe", "holder": "", "until": utc_now()}
        try:
            with self.transaction() as session:
                upsert(session, table_of(GuardRow), [probe], replace=["until"])
        except StoreUnavailable:
            return False
        return True

    def make_sqlite_folder(self) -> None:
        """SQLite makes its file but not the folder."""
        if self.url.database and self.url.database != ":memory:":
            try:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise ConfigurationError(f"the folder of {self.url.database} can't be made: {error}") from None

    def close(self) -> None:
        self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes would fail at once, not wait, when another has written.
    is_write = connection.get_execution_options().get("is_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")


def table_of(model: type[DeclarativeBase]) -> Table:
    """The table behind a model, for statements on many rows."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def by_index(statement: Select[*Columns], model: type[DeclarativeBase], *columns: str) -> Select[*Columns]:
    """Make MySQL read ``model`` by its index on these columns, which hold all that is asked for: left alone, it takes
    the rows themselves, which lie in the order of the primary key and are many times as wide. SQLite knows best."""
    table = table_of(model)
    hint = f"FORCE INDEX (ix_{table.name}_{'_'.join(columns)})"
    return statement.with_hint(table, hint, "mysql").with_hint(table, hint, "mariadb")


def insert_new(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose keys are not there yet; leave the others as they are."""
    upsert(session, table, rows)


def is_among(columns: Sequence[Any], keys: Iterable[Sequence[Any]]) -> ColumnElement[bool]:
    """Whether a row's ``columns`` are one of these keys; there are none for no keys.

    Written out by all columns but the last: MariaDB finds no index for a list of tuples.
    """
    lasts: dict[tuple[Any, ...], list[Any]] = {}
    for *firsts, last in keys:
        lasts.setdefault(tuple(firsts), []).append(last)
    groups = (
        and_(*(column == first for column, first in zip(columns, firsts, strict=False)), columns[-1].in_(each))
        for firsts, each in lasts.items()
    )
    return or_(false(), *groups)


def upsert(
    session: Session,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    replace: Sequence[str] = (),
    add: Sequence[str] = (),
) -> None:
    """Insert rows; where a key exists, replace the columns ``replace`` and add to the columns ``add``.

    All rows have the same columns. On MySQL PyMySQL joins them into statements of at most a megabyte.
    """
    if rows:
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        session.execute(_upsert_statement(is_sqlite, table, tuple(replace), tuple(add)), rows)


@cache
def _upsert_statement(is_sqlite: bool, table: Table, replace: Sequence[str], add: Sequence[str]) -> Any:
    """For one row: SQLAlchemy then translates it once, however many rows there are."""
    if is_sqlite:
        lite = sqlite.insert(table)
        changes = _changes(table, lite.excluded, replace, add)
        return lite.on_conflict_do_update(set_=changes) if changes else lite.on_conflict_do_nothing()
    my = mysql.insert(table)
    changes = _changes(table, my.inserted, replace, add)
    first_key = next(iter(table.primary_key.columns)).name
    return my.on_duplicate_key_update(changes or {first_key: table.c[first_key]})


def _changes(table: Table, new: Any, replace: Sequence[str], add: Sequence[str]) -> dict[str, Any]:
    return {name: new[name] for name in replace} | {name: table.c[name] + new[name] for name in add}
