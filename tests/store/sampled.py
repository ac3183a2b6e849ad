"""Databases with logs whose counters a test moves, and samples of them at times that it chooses."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

from ctcollect.models import DailyCountRow, LogRow
from ctcollect.store import Store, history, progress, queue_figures, speeds
from ctcollect.store.engine import table_of as table
from ctcollect.store.engine import tokyo_day, upsert, utc_now
from tests.webapp.collection import log_id

# A full hour, so that what tests say of hours and days can be read.
START = 1_760_000_400


def set_counters(store: Store, name: str, registered: int = 0, **counters: int) -> None:
    """The counters of a log from now on; ``registered`` stands in the daily counts."""
    with store.transaction() as session:
        if counters:
            session.execute(update(LogRow).where(LogRow.name == name).values(**counters))
        row = {"day": tokyo_day(utc_now()), "log_name": name, "entries": 0, "uploaded": 0, "registered": registered}
        if registered:
            upsert(session, table(DailyCountRow), [row], replace=["registered"])


def sample_at(store: Store, moment: int) -> None:
    """A sample as beat has it taken at this moment (Unix seconds)."""
    with store.transaction() as session:
        progress.take_sample(session, moment)


def sample_every_minute(store: Store, name: str, start: int, done: list[int]) -> None:
    """A sample a minute from ``start`` on, at which the log has done so many entries."""
    for number, entries in enumerate(done):
        set_counters(store, name, entries_done=entries)
        sample_at(store, start + 60 * number)


@contextmanager
def clock_at(monkeypatch: pytest.MonkeyPatch, moment: float) -> Iterator[Any]:
    """The figures are asked for at this moment (Unix seconds)."""
    clock = SimpleNamespace(time=lambda: moment)
    with monkeypatch.context() as patched:
        for module in (history, speeds, queue_figures):
            patched.setattr(module, "time", clock)
        yield clock


def row_count(store: Store, model: Any, **values: Any) -> int:
    """How many rows have these values."""
    with store.reading() as session:
        return session.query(model).filter_by(**values).count()


__all__ = ["START", "clock_at", "log_id", "row_count", "sample_at", "sample_every_minute", "set_counters"]
