"""A migrated database with the rows of rows.py."""

from collections.abc import Iterator

import pytest

from ctcollect.store import Store
from tests.coordinator.pipeline import migrate
from tests.export.rows import add_everything


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """On each kind of database."""
    store = Store(database_url)
    migrate(store)
    with store.transaction() as session:
        add_everything(session)
    yield store
    store.close()


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """For what no database does differently."""
    store = Store(sqlite_url)
    migrate(store)
    with store.transaction() as session:
        add_everything(session)
    yield store
    store.close()
