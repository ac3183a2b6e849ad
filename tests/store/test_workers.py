"""The friends' workers: who is there, and who only seems to be."""

from datetime import timedelta
from typing import Any

from sqlalchemy import event

from ctcollect.models import WorkerRow
from ctcollect.store import Store, utc_now
from ctcollect.store.workers import SILENT_SECONDS, WorkerSign, all_workers, mark_silent, note_signs
from ctcollect.worker_report import WorkerReport


def note(store: Store, *signs: WorkerSign) -> dict[str, WorkerRow]:
    """The workers after these signs and a tidying, by name."""
    with store.transaction() as session:
        note_signs(session, signs)
    with store.transaction() as session:
        mark_silent(session)
    with store.reading() as session:
        return {row.name: row for row in all_workers(session)}


def test_a_sign_of_life_makes_a_worker_and_renews_it(store: Store) -> None:
    """The first sign is kept; later ones move last_seen; a version stays known when a sign names none."""
    now = utc_now()
    before = now - timedelta(seconds=30)
    note(store, WorkerSign("alice@host", before, version="ctcollect/1"))
    workers = note(store, WorkerSign("alice@host", now), WorkerSign("coordinator@host", now))
    assert list(workers) == ["alice@host"]
    alice = workers["alice@host"]
    assert (alice.friend, alice.host, alice.version) == ("alice", "host", "ctcollect/1")
    assert (alice.first_seen, alice.last_seen, alice.running) == (before, now, True)


def test_a_worker_stops_by_good_bye_or_by_silence(store: Store) -> None:
    """Who says good-bye is gone at once, who is silent after 45 s, who comes back runs again."""
    now = utc_now()
    late = now - timedelta(seconds=SILENT_SECONDS + 2)
    workers = note(
        store,
        WorkerSign("alice@host", now, running=False),
        WorkerSign("bob@host", late),
        WorkerSign("carol@host", late + timedelta(seconds=10)),
    )
    assert {name: row.running for name, row in workers.items()} == {
        "alice@host": False,
        "bob@host": False,
        "carol@host": True,
    }
    assert note(store, WorkerSign("bob@host", utc_now()))["bob@host"].running


def test_the_signs_of_many_take_few_statements(store: Store) -> None:
    """Five hundred workers, each second one with a report, take some ten statements, reading them again included."""
    now, sent = utc_now(), []
    report = WorkerReport(1, 2, 3, {})
    signs = [WorkerSign(f"friend{n}@host", now, version="1", report=report if n % 2 else None) for n in range(500)]

    def note_statement(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(store.engine, "before_cursor_execute", note_statement)
    workers = note(store, *signs)
    assert len(sent) <= 10, sent
    assert len(workers) == 500
    assert {name: row.spool_bytes for name, row in workers.items()} == {
        f"friend{n}@host": 2 if n % 2 else None for n in range(500)
    }
