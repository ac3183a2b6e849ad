"""The status document as this process shares it among all who ask: computed once a second at most."""

from typing import Any

from flask import Flask, current_app

from ctcollect.store import Store
from ctcollect.store.status import status_document
from webapp.fresh import Fresh

FIGURES = "ctcollect_figures"
FRESH_SECONDS = 1.0


def share_figures(app: Flask, store: Store) -> None:
    """Give ``app`` the figures of ``store``."""

    def compute() -> dict[str, Any]:
        with store.reading() as session:
            return status_document(session)

    app.extensions[FIGURES] = Fresh(compute, FRESH_SECONDS)


def shared_figures(app: Flask) -> Fresh[dict[str, Any]]:
    """The figures of ``app``, also for threads that serve no request."""
    figures: Fresh[dict[str, Any]] = app.extensions[FIGURES]
    return figures


def current_figures() -> dict[str, Any]:
    """The status document, at most a second old, not to be changed; StoreUnavailable when the database fails."""
    return shared_figures(current_app).get()


def last_figures() -> dict[str, Any] | None:
    """The status document that this process had last, however old; None when it never had one."""
    return shared_figures(current_app).last
