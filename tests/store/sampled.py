"""Databases with logs whose counters a test moves, and samples of them at times that it chooses."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

from ctcollect.models import DailyCountRow, LogRow
from ctcollect.store import Session, Store, history, progress, queue_figures, speeds
from ctcollect.store.engine import table_of, tokyo_day, upsert, utc_now

# A full hour, so that what tests say of hours and days can be read.
START = 1_760_000_400


Counters = Mapping[str, int]


def play(store: Store, steps: Iterable[tuple[int, Mapping[str, Counters]]]) -> None:
    """For each (Unix seconds, counters by name of log) these counters, then a sample; all in one transaction."""
    with store.transaction() as session:
        for moment, logs in steps:
            for name, counters in logs.items():
                _set_counters(session, name, **counters)
            progress.take_sample(session, moment)


def set_counters(store: Store, name: str, **counters: int) -> None:
    """The counters of a log from now on; ``registered`` stands in the daily counts."""
    with store.transaction() as session:
        _set_counters(session, name, **counters)


def _set_counters(session: Session, name: str, registered: int = 0, **counters: int) -> None:
    if counters:
        session.execute(update(LogRow).where(LogRow.name == name).values(**counters))
    if registered:
        row = {"day": tokyo_day(utc_now()), "log_name": name, "entries": 0, "uploaded": 0, "registered": registered}
        upsert(session, table_of(DailyCountRow), [row], replace=["registered"])


def sample_at(store: Store, moment: int) -> None:
    """A sample as beat has it taken at this moment (Unix seconds)."""
    play(store, [(moment, {})])


def sample_every_minute(store: Store, name: str, start: int, done: list[int]) -> None:
    """A sample a minute from ``start`` on, at which the log has done so many entries."""
    play(store, ((start + 60 * number, {name: {"entries_done": each}}) for number, each in enumerate(done)))


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
