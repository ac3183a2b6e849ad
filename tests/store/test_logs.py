"""The table of logs: rests that grow and end, switches, names, lists that change."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from ctcollect.catalogue import bundled
from ctcollect.errors import ConfigurationError
from ctcollect.models import LogRow
from ctcollect.store import Store, utc_now
from ctcollect.store import logs as log_store
from tests.store.conftest import LOG_ID


def fail(store: Store) -> LogRow:
    """The log fails once more, after any rest was over."""
    with store.transaction() as session:
        session.execute(update(LogRow).where(LogRow.rest_until.is_not(None)).values(rest_until=utc_now()))
        log_store.rest_log(session, LOG_ID, "it does not answer", unreachable=True)
    return log(store)


def log(store: Store) -> LogRow:
    with store.reading() as session:
        return session.get_one(LogRow, LOG_ID)


def test_a_rest_doubles_up_to_an_hour_and_ends_with_success(store: Store) -> None:
    """5 s, 10 s, 20 s ... 3,600 s; one answer makes the log reachable and the next rest short again."""
    rests = [fail(store).rest_seconds for _ in range(12)]
    assert rests == [min(5.0 * 2**n, 3_600.0) for n in range(12)]
    assert log(store).reachable is False
    with store.transaction() as session:
        log_store.mark_reachable(session, LOG_ID)
    row = log(store)
    assert (row.reachable, row.rest_until, row.rest_seconds, row.last_fault) == (True, None, 0, None)
    assert fail(store).rest_seconds == 5


def test_a_rest_under_way_is_not_made_longer(store: Store) -> None:
    """Many harvests that fail at once are one failure."""
    with store.transaction() as session:
        for _ in range(5):
            log_store.rest_log(session, LOG_ID, "away" * 100, unreachable=False)
    row = log(store)
    assert row.rest_seconds == 5
    assert row.rest_until is not None
    assert timedelta(seconds=3) < row.rest_until - utc_now() <= timedelta(seconds=5)
    assert row.last_fault == ("away" * 100)[:255]
    assert row.reachable is None


def test_an_unknown_name_changes_no_switch(store: Store) -> None:
    """Switches are set for all the names or for none."""
    with pytest.raises(ConfigurationError, match="'argon'"), store.transaction() as session:
        log_store.set_switch(session, ["demo", "argon"], paused=True, enabled=False)
    assert (log(store).paused, log(store).enabled) == (False, True)
    with store.transaction() as session:
        log_store.set_switch(session, ["demo"], paused=True)
    assert (log(store).paused, log(store).enabled) == (True, True)


def test_a_list_renews_what_it_says_and_nothing_else(store: Store) -> None:
    """A known log keeps name, switches and counters; a new one whose name is taken gets part of its id behind it."""
    known, new = bundled()[:2]
    with store.transaction() as session:
        session.execute(update(LogRow).values(paused=True, entries_done=7, batch_entries=99))
        names = log_store.put_logs(
            session, [replace(known, log_id=LOG_ID, name="other"), replace(new, name="demo", log_id="cd" * 32)]
        )
    assert names == ["demo", "demo-cdcdcdcd"]
    row = log(store)
    assert (row.name, row.paused, row.entries_done, row.batch_entries) == ("demo", True, 7, 99)
    assert (row.url, row.operator, row.key) == (known.url, known.operator, known.key)
