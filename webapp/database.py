"""The application's one Store, as its views reach it."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app

from ctcollect.store import Store

STORE = "ctcollect_store"
DATA_DIR = "CTCOLLECT_DATA_DIR"  # the name in the application's configuration
Answer = TypeVar("Answer")


def ask(question: Callable[..., Answer], *arguments: Any) -> Answer:
    """What ``question(session, *arguments)``, a function of the store, answers; StoreUnavailable when it fails."""
    store: Store = current_app.extensions[STORE]
    with store.reading() as session:
        return question(session, *arguments)
