"""Figures as this process shares them among all who ask: each is computed once in a while, however many look."""

from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from flask import Flask, current_app

from ctcollect.store import Store
from ctcollect.store.status import status_document
from webapp.database import STORE
from webapp.fresh import THREADS, Fresh, FreshAnswers

FIGURES, ANSWERS, TEXTS = "ctcollect_figures", "ctcollect_answers", "ctcollect_texts"
FRESH_SECONDS = 1.0
# More than the logs that there are, in the periods that are looked at.
ANSWERS_AT_MOST = 500
# Each a file, or a large part of one.
TEXTS_AT_MOST = 16
Answer = TypeVar("Answer")


def share_figures(app: Flask, store: Store) -> None:
    """Give ``app`` the figures of ``store``."""

    def compute() -> dict[str, Any]:
        with store.reading() as session:
            return status_document(session)

    threads = ThreadPoolExecutor(THREADS, thread_name_prefix="figures")
    app.extensions[FIGURES] = Fresh(compute, FRESH_SECONDS, threads)
    app.extensions[ANSWERS] = FreshAnswers(ANSWERS_AT_MOST, threads)
    # Whoever makes a file may wait for figures: in threads of the figures' own they could all wait for each other.
    app.extensions[TEXTS] = FreshAnswers(TEXTS_AT_MOST, ThreadPoolExecutor(THREADS, thread_name_prefix="files"))


def shared_figures(app: Flask) -> Fresh[dict[str, Any]]:
    """The figures of ``app``, also for threads that serve no request."""
    figures: Fresh[dict[str, Any]] = app.extensions[FIGURES]
    return figures


def current_figures() -> dict[str, Any]:
    """The status document, a second old unless the database is slow, not to be changed.

    StoreUnavailable when the database fails.
    """
    return shared_figures(current_app).get()


def last_figures() -> dict[str, Any] | None:
    """The status document that this process had last, however old; None when it never had one."""
    return shared_figures(current_app).last


def shared_answer(
    seconds: float, question: Callable[..., Answer], *arguments: Hashable, version: Hashable = None
) -> Answer:
    """What ``question(session, *arguments)``, a function of the store, answered ``seconds`` ago or later.

    Or minutes ago, when ``version`` is that of then: something that tells whether the answer may have changed.
    The answer of before while the database takes long; not to be changed. StoreUnavailable when the database fails.
    """
    answers: FreshAnswers = current_app.extensions[ANSWERS]
    store: Store = current_app.extensions[STORE]

    def compute() -> Answer:
        with store.reading() as session:
            return question(session, *arguments)

    return answers.get((question, arguments), compute, seconds, version)


def shared_texts(app: Flask) -> FreshAnswers:
    """What was made into files lately; few of them are kept, for they are large."""
    texts: FreshAnswers = app.extensions[TEXTS]
    return texts
