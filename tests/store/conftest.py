"""A database with one log in it, on SQLite: for what no database does differently."""

from collections.abc import Iterator

import pytest

from ctcollect.models import LogRow
from ctcollect.store import Store, schema

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
