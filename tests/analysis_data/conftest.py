"""The database of the export's tests."""

from tests.export.conftest import sqlite_store, store

__all__ = ["sqlite_store", "store"]
