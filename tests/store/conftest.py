"""A database with one log in it, on SQLite: for what no database does differently."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from ctcollect.models import Base, LogRow
from ctcollect.store import Store, schema
from tests.coordinator.pipeline import migrate
from tests.services.mariadb import MariadbServer

LOG_ID = "ab" * 32


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """Migrated; it knows the log LOG_ID, called "demo", whose tree is empty."""
    store = Store(sqlite_url)
    schema.upgrade(store)
    with store.transaction() as session:
        session.add(
            LogRow(
                log_id=LOG_ID,
                name="demo",
                operator="Demo",
                queue="google",
                kind="rfc6962",
                url="https://demo.example/",
                key=b"key",
                batch_entries=32,
                subrange_entries=1024,
            )
        )
    yield store
    store.close()


@pytest.fixture(scope="session")
def migrated_mysql(mariadb_server: MariadbServer) -> Iterator[str]:
    """A MariaDB database with all tables, made once: that takes seconds."""
    mariadb_server.start()
    url = mariadb_server.create_database("migrated")
    store = Store(url)
    schema.upgrade(store)
    store.close()
    yield url
    mariadb_server.start()
    mariadb_server.drop_database("migrated")


@pytest.fixture(params=["sqlite", "mysql"])
def either_store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """All tables, empty; the test runs once on each kind of database."""
    is_sqlite = request.param == "sqlite"
    store = Store(request.getfixturevalue("sqlite_url" if is_sqlite else "migrated_mysql"))
    if is_sqlite:
        migrate(store)
    yield store
    with store.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
        if not is_sqlite:
            connection.execute(text("ALTER TABLE certificates AUTO_INCREMENT = 1"))
    store.close()
