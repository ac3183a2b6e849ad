"""The application's one Store, as its views reach it."""

from contextlib import AbstractContextManager

from flask import current_app
from sqlalchemy.orm import Session

from ctcollect.store import Store

STORE = "ctcollect_store"


def reading() -> AbstractContextManager[Session]:
    """A session for reading in the present request; StoreUnavailable when the database fails."""
    store: Store = current_app.extensions[STORE]
    return store.reading()
