"""Live updates: one thread looks at the figures for all who listen, and none while nobody does."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Flask

from ctcollect.errors import StoreUnavailable
from webapp.figures import FRESH_SECONDS, shared_figures
from webapp.fresh import Fresh

LISTENERS = "ctcollect_listeners"
WATCHER = "ctcollect_figures_watcher"
HEARTBEAT_SECONDS = 10.0
LIFE_SECONDS = 300.0
RETRY_MS = 5000
END_POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class News:
    """How the figures are: ``version`` is of all but their time; None while the database is away."""

    version: str | None
    as_of: str | None

    def message(self, told: str | None) -> str:
        """An event of HTML's stream format (section 9.2.5) for one who was told the version ``told``."""
        name = "away" if self.version is None else "alive" if self.version == told else "figures"
        number = f"id: {self.version}\n" if self.version else ""
        data = json.dumps({"version": self.version, "as_of": self.as_of})
        return f"event: {name}\n{number}data: {data}\n\n"


def version_of(document: dict[str, Any]) -> str:
    """16 hex digits that differ when any figure does."""
    figures = {name: value for name, value in document.items() if name != "as_of"}
    return hashlib.sha256(json.dumps(figures, sort_keys=True, default=str).encode()).hexdigest()[:16]


class Listeners:
    """Those who listen to one process. Thread-safe.

    Nobody may until the server has said, with ``open``, how many it has threads for: each holds one of them.
    """

    def __init__(self, figures: Fresh[dict[str, Any]]) -> None:
        self._figures = figures
        self._changed = threading.Condition()
        self._limit, self._present = 0, 0
        self._is_ending: Callable[[], bool] = lambda: False
        self._watcher: threading.Thread | None = None
        self._news: News | None = None

    def open(self, limit: int, is_ending: Callable[[], bool] = lambda: False) -> None:
        """Let ``limit`` of them in at a time; they are sent away as soon as ``is_ending`` is true."""
        self._limit, self._is_ending = limit, is_ending

    def enter(self) -> bool:
        """Whether there was room; who got in has to ``leave``."""
        with self._changed:
            if self._present >= self._limit or self._is_ending():
                return False
            self._present += 1
            if self._watcher is None or not self._watcher.is_alive():
                self._watcher = threading.Thread(target=self._watch, name=WATCHER, daemon=True)
                self._watcher.start()
            return True

    def leave(self) -> None:
        """With the last one the watcher goes too."""
        with self._changed:
            self._present -= 1
            self._changed.notify_all()

    def stream(self, told: str | None) -> Iterator[str]:
        """Messages for one who knows the version ``told``, for some minutes or until the server ends."""
        yield f"retry: {RETRY_MS}\n\n"
        told = told or ""  # None is what is told of a database that is away
        until = time.monotonic() + LIFE_SECONDS
        while time.monotonic() < until:
            news = self._next(told)
            if self._is_ending():
                return
            if news:
                yield news.message(told)
                told = news.version
            else:
                yield ": waiting for the first figures\n\n"

    def _next(self, told: str | None) -> News | None:
        """What is not ``told`` yet; after some seconds without, how it stands (None: nobody knows yet)."""
        until = time.monotonic() + HEARTBEAT_SECONDS
        with self._changed:
            while not self._is_ending() and time.monotonic() < until:
                if self._news and self._news.version != told:
                    break
                self._changed.wait(END_POLL_SECONDS)
            return self._news

    def _watch(self) -> None:
        while self._is_wanted():
            self._tell(self._look())

    def _is_wanted(self) -> bool:
        """After a pause: whether anybody still listens. If not, the next to come starts a new watcher."""
        with self._changed:
            if self._news:
                self._changed.wait_for(lambda: not self._present, FRESH_SECONDS)
            if not self._present:
                self._watcher, self._news = None, None
            return self._present > 0

    def _look(self) -> News:
        with suppress(StoreUnavailable):  # whoever asks for the figures is told, and the log with them
            document = self._figures.get(is_patient=True)
            return News(version_of(document), document["as_of"])
        last = self._figures.last
        return News(None, last["as_of"] if last else None)

    def _tell(self, news: News) -> None:
        with self._changed:
            self._news = news
            self._changed.notify_all()


def add_listeners(app: Flask) -> None:
    """Give ``app``, which has its figures, those who listen to them."""
    app.extensions[LISTENERS] = Listeners(shared_figures(app))


def listeners_of(app: Flask) -> Listeners:
    """The listeners of ``app``."""
    listeners: Listeners = app.extensions[LISTENERS]
    return listeners
