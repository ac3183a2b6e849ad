"""Figures as this process shares them among all who ask: each is computed once in a while, however many look."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from flask import Flask, current_app

from ctcollect.store import Store
from ctcollect.store.status import status_document
from webapp.database import ask
from webapp.fresh import Fresh, FreshAnswers

FIGURES, ANSWERS = "ctcollect_figures", "ctcollect_answers"
FRESH_SECONDS = 1.0
# More than the logs that there are, in the periods that are looked at.
ANSWERS_AT_MOST = 500
Answer = TypeVar("Answer")


def share_figures(app: Flask, store: Store) -> None:
    """Give ``app`` the figures of ``store``."""

    def compute() -> dict[str, Any]:
        with store.reading() as session:
            return status_document(session)

    app.extensions[FIGURES] = Fresh(compute, FRESH_SECONDS)
    app.extensions[ANSWERS] = FreshAnswers(ANSWERS_AT_MOST)


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


def shared_answer(seconds: float, question: Callable[..., Answer], *arguments: Hashable) -> Answer:
    """What ``question(session, *arguments)``, a function of the store, answered at most ``seconds`` ago.

    Not to be changed. StoreUnavailable when the database fails.
    """
    answers: FreshAnswers = current_app.extensions[ANSWERS]
    return answers.get((question, arguments), lambda: ask(question, *arguments), seconds)
