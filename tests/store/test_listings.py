"""Lists and bundled facts in the database: what each renews, and what an older version has left behind."""

from dataclasses import replace
from datetime import datetime

import pytest
from alembic import command
from sqlalchemy import select, text, update

from ctcollect.catalogue import CHROME, bundled
from ctcollect.models import ListingRow, LogRow
from ctcollect.store import Store, listings, schema
from ctcollect.store.logs import known_logs, put_logs

NIMBUS, ARGON = (next(log for log in bundled() if log.name == name) for name in ("nimbus2026", "argon2022"))
FINAL_ROOT = bytes(range(32))


def state(store: Store, log_id: str) -> str | None:
    with store.reading() as session:
        return session.get_one(LogRow, log_id).state


def test_bundled_facts_never_replace_newer_ones(store: Store) -> None:
    """What a list told since then stays, also when the database is prepared again; older rows are renewed."""
    with store.transaction() as session:
        put_logs(session, [replace(NIMBUS, state="pending"), replace(ARGON, state="usable", available_from=None)])
        listings.put_bundled(session, CHROME, bundled())
    assert (state(store, NIMBUS.log_id), state(store, ARGON.log_id)) == ("usable", "rejected")
    with store.transaction() as session:
        put_logs(session, [replace(NIMBUS, state="retired"), replace(ARGON, state="usable")])
        listings.note_listed(session, CHROME, [NIMBUS.log_id, ARGON.log_id])
        listings.note_vanished(session, CHROME, [NIMBUS.log_id])
        listings.put_bundled(session, CHROME, bundled())
        assert listings.vanished(session)[ARGON.log_id] != datetime(2026, 8, 21)
    assert (state(store, NIMBUS.log_id), state(store, ARGON.log_id)) == ("retired", "usable")


def test_logs_that_had_vanished_are_bundled_as_such(store: Store) -> None:
    """From the day of the newest list that the facts come from; where the entries still are comes along."""
    with store.transaction() as session:
        listings.put_bundled(session, CHROME, bundled())
    with store.reading() as session:
        gone = listings.vanished(session)
        assert set(gone) == {log.log_id for log in bundled() if log.last_listed == datetime(2026, 7, 6)}
        assert set(gone.values()) == {datetime(2026, 8, 21)}
        lost = session.scalars(select(LogRow.name).where(LogRow.available_from == "nowhere"))
        assert set(lost) == {log.name for log in bundled() if log.available_from == "nowhere"}


def test_a_log_has_vanished_only_when_no_list_holds_it(store: Store) -> None:
    """Chrome and Apple drop logs at different times; one that comes back has not vanished."""
    with store.transaction() as session:
        put_logs(session, [NIMBUS])
        for name in ("chrome", "apple"):
            listings.note_listed(session, name, [NIMBUS.log_id])
        listings.note_vanished(session, "chrome", [])
        assert listings.vanished(session) == {}
        listings.note_vanished(session, "apple", [])
        assert set(listings.vanished(session)) == {NIMBUS.log_id}
        listings.note_listed(session, "apple", [NIMBUS.log_id])
        assert listings.vanished(session) == {}


@pytest.mark.parametrize(("then", "is_kept"), [("retired", True), ("rejected", True), ("usable", False)])
def test_a_final_tree_head_outlives_the_readonly_state(store: Store, then: str, is_kept: bool) -> None:
    """Lists no longer tell it of a log that is retired: it is kept. It goes when the log takes entries again."""
    with store.transaction() as session:
        put_logs(session, [replace(NIMBUS, state="readonly", final_tree_size=77, final_root_hash=FINAL_ROOT)])
        put_logs(session, [replace(NIMBUS, state=then)])
        kept = known_logs(session)[NIMBUS.log_id]
    assert (kept.final_tree_size, kept.final_root_hash) == ((77, FINAL_ROOT) if is_kept else (None, None))


def test_a_database_of_an_older_version_is_repaired(database_url: str) -> None:
    """A state without a name is none, reachability without a time is unknown; the bundled facts come in again."""
    store = Store(database_url)
    schema.upgrade(store)
    with store.transaction() as session:
        put_logs(session, [replace(NIMBUS, state=""), ARGON])
        session.execute(update(LogRow).where(LogRow.log_id == NIMBUS.log_id).values(reachable=False))
    with store.engine.connect() as connection:
        command.downgrade(schema._config(connection), "0002")
        connection.commit()
    schema.upgrade(store)
    with store.reading() as session:
        rows = {row.log_id: row for row in session.scalars(select(LogRow))}
        assert session.scalars(select(ListingRow)).all() == []
        assert session.execute(text("SELECT version_num FROM alembic_version")).scalar() == schema.newest_revision()
    assert (rows[NIMBUS.log_id].state, rows[NIMBUS.log_id].reachable) == (None, None)
    assert (rows[ARGON.log_id].state, rows[ARGON.log_id].state_since) == ("rejected", ARGON.state_since)
    with store.transaction() as session:
        listings.put_bundled(session, CHROME, bundled())
        assert len(known_logs(session)) == 61
        assert len(listings.vanished(session)) == sum(log.last_listed != NIMBUS.last_listed for log in bundled())
    assert state(store, NIMBUS.log_id) == "usable"
    store.close()
