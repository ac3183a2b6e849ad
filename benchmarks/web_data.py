"""A large collection in MariaDB, as the pages would meet it after a season: for benchmarks/bench_web.py.

    python -m benchmarks.web_data --dir FOLDER [--certificates 10000000]

The rows are made by the server itself, from a row's number and the seed alone: the same each time, ten million in
some minutes. Names, issuers and types are spread as in the logs: a few hosting companies hold very many names, most
domains a handful; one CA has half of all. A second run with the same folder finds the data and adds nothing.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pymysql
from sqlalchemy import NullPool, create_engine

from benchmarks.web_data_tables import add_small_tables
from benchmarks.web_history import HISTORY
from benchmarks.web_statements import LARGE_TABLES, Sizes, issuer_rows
from ctcollect.models import CertificateNameRow, CertificateRow
from ctcollect.store import Store, schema
from ctcollect.store.engine import table_of
from tests.services.mariadb import MariadbServer

DATABASE = "web"
FILLED = "filled"  # stands in the folder once all is there
SEED = 6
BULK = "SET unique_checks = 0, foreign_key_checks = 0"
ANALYSES = [f"ANALYZE TABLE {table}" for table in ("certificates", "certificate_names", "sightings", "ranges")]


class BenchmarkServer(MariadbServer):
    """With the memory that a collection of this size deserves (docs/coordinator.md)."""

    pool = "4G"

    def command(self) -> list[str | Path]:
        return [*super().command(), f"--innodb-buffer-pool-size={self.pool}", "--innodb-log-file-size=512M"]


@contextmanager
def filled_server(folder: Path, sizes: Sizes) -> Iterator[str]:
    """The url of a database that holds the collection, on a server of its own that ends with the block."""
    with running_server(folder, sizes) as server:
        yield server.url(DATABASE)


@contextmanager
def running_server(folder: Path, sizes: Sizes) -> Iterator[BenchmarkServer]:
    """That server itself."""
    folder.mkdir(parents=True, exist_ok=True)
    server = BenchmarkServer(folder)
    try:
        server.start()
        if not (folder / FILLED).exists():
            _fill_anew(server, sizes)
            (folder / FILLED).touch()
        yield server
    finally:
        server.stop()


def _fill_anew(server: BenchmarkServer, sizes: Sizes) -> None:
    store = Store(server.url(DATABASE))
    schema.upgrade(store)
    server.drop_database(DATABASE)  # what an interrupted run has left
    schema.upgrade(store)
    fill(store, sizes)
    store.close()


def fill(store: Store, sizes: Sizes) -> None:
    """Fill an empty, migrated database."""
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    with store.transaction() as session:
        add_small_tables(session, sizes, now)
    patient = create_engine(store.url, poolclass=NullPool)  # a Store gives up after two minutes
    with patient.connect() as connection:
        connection.exec_driver_sql(BULK)
        for statement in (*_indices("DROP"), *_statements(sizes, now), *_indices("ADD"), *ANALYSES):
            started = time.monotonic()
            connection.exec_driver_sql(statement.replace("%", "%%"))
            connection.commit()
            print(f"{time.monotonic() - started:7.1f} s  {statement.split('(')[0].strip()}", flush=True)


def _indices(verb: str) -> Iterator[str]:
    """An index is built from sorted rows in a tenth of the time that it takes to grow with them."""
    for table in (table_of(CertificateRow), table_of(CertificateNameRow)):
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            columns = f" ({', '.join(column.name for column in index.columns)})" if verb == "ADD" else ""
            yield f"ALTER TABLE {table.name} {verb} INDEX {index.name}{columns}"


def _statements(sizes: Sizes, now: datetime) -> Iterator[str]:
    values = sizes._asdict() | {"seed": SEED, "now": now, "first_day": now - timedelta(days=3650)}
    columns = "slot INT PRIMARY KEY, o TEXT, cn TEXT, o_key BIGINT, cn_key BIGINT, days INT"
    yield f"CREATE OR REPLACE TABLE bench_issuers ({columns})"
    rows = (
        f"({slot}, {_quoted(o)}, {_quoted(cn)}, {o_key}, {cn_key}, {days})"
        for slot, o, cn, o_key, cn_key, days in issuer_rows()
    )
    yield f"INSERT INTO bench_issuers VALUES {', '.join(rows)}"
    for statement in (*LARGE_TABLES, *HISTORY):
        yield statement.format(**values)


def _quoted(value: str) -> str:
    return f"'{pymysql.converters.escape_string(value)}'"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that say where the data is and how much of it there is."""
    parser.add_argument("--dir", type=Path, required=True, help="the server's folder, kept for the next run")
    for name, default in Sizes()._asdict().items():
        parser.add_argument(f"--{name}", type=int, default=default)


def sizes_of(options: argparse.Namespace) -> Sizes:
    """What add_arguments has read."""
    return Sizes(**{name: getattr(options, name) for name in Sizes._fields})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    options = parser.parse_args()
    with filled_server(options.dir, sizes_of(options)) as url:
        print(f"filled: {url}, in {options.dir}")


if __name__ == "__main__":
    main()
