"""What beat does every few seconds costs the same in a ledger of any size: MariaDB tells how many rows it has read."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event, text

from ctcollect.models import Base, LogRow
from ctcollect.ranges import RANGE_ENTRIES, Span
from ctcollect.store import Session, Store, audits, ledger, second_opinions, utc_now
from ctcollect.store.workers import WorkerSign, note_signs
from tests.store.conftest import LOG_ID

SIZES = (400, 8_000)
# All but one in a hundred of the ranges that are full can't be audited now.
DUE_EVERY = 100
INDEX = re.compile(r"INDEX ix_ranges_state_(log_id_issued_until|audit_after_log_id)_start_index")
Question = Callable[[Session], Any]
FILL = (
    """INSERT INTO logs (log_id, name, operator, queue, kind, url, `key`, batch_entries, subrange_entries, mmd_seconds,
       description, tree_size, enabled, paused, rest_seconds, entries_done, entries_verified, sightings, certificates,
       malformed)
       SELECT LPAD(seq, 64, '0'), CONCAT('log', seq), 'Google', 'google', 'rfc6962', 'https://ct.example/', 'key', 32,
       1024, 86400, '', {ranges} * 131072, 1, 0, 0, 0, 0, 0, 0, 0 FROM seq_1_to_2
       ON DUPLICATE KEY UPDATE tree_size = VALUES(tree_size)""",
    """INSERT INTO ranges (log_id, start_index, end_index, state, units_done, attempts, audit_attempts, audit_after)
       SELECT LPAD(logs.seq, 64, '0'), n.seq * 131072, (n.seq + 1) * 131072,
       IF(n.seq % 2, 'open', 'full'), '', 0, 0, IF(n.seq % {every}, NOW() + INTERVAL 1 DAY, NULL)
       FROM seq_1_to_2 logs, seq_{first}_to_{last} n""",
    """INSERT INTO second_opinions (log_id, start_index, end_index, range_start, queue, first_friend, state,
       checked_until, asked_at)
       SELECT log_id, start_index, start_index + 1024, start_index, 'google', 'alice', 'wanted', start_index,
       NOW() - INTERVAL start_index DIV 131072 SECOND FROM ranges
       WHERE state = 'full' AND start_index >= {first} * 131072""",
    "ANALYZE TABLE ranges, second_opinions",
)


@pytest.fixture(scope="module")
def rows(migrated_mysql: str) -> Iterator[dict[str, list[int]]]:
    """By question, how many rows are read for it at each size of a ledger: half full, alice's deliveries to check."""
    store = Store(migrated_mysql)
    first = 0
    found: dict[str, list[int]] = {name: [] for name in QUESTIONS}
    for ranges in SIZES:
        grow_to(store, first, ranges)
        first = ranges
        for name, question in QUESTIONS.items():
            found[name].append(rows_read(store, question))
    yield found
    with store.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    store.close()


def grow_to(store: Store, first: int, ranges: int) -> None:
    """Each log has ``ranges`` ranges then; ``first`` of them are there."""
    numbers = {"ranges": ranges, "first": first, "last": ranges - 1, "every": DUE_EVERY}
    with store.engine.begin() as connection:
        for statement in FILL:
            connection.exec_driver_sql(statement.format(**numbers).replace("%", "%%"))


def rows_read(store: Store, question: Question) -> int:
    """How many rows the server reads, in tables and indices, for a question whose changes are not kept."""
    with store.reading() as session:
        session.execute(text("FLUSH STATUS"))
        assert question(session)
        session.flush()
        told = session.execute(text("SHOW SESSION STATUS LIKE 'Handler_read%'")).all()
    return sum(int(count) for _, count in told)


def running(session: Session, *friends: str) -> None:
    note_signs(session, [WorkerSign(f"{friend}@host", utc_now(), True, "1", "google") for friend in friends])


def check(session: Session, *friends: str) -> list[second_opinions.Check]:
    running(session, *friends)
    return second_opinions.issue_checks(session, "google", 32, lease_seconds=60)


def grow(session: Session) -> Span:
    """The log is a little longer than it was, as it is at each look."""
    log = session.get_one(LogRow, f"{1:064}")
    end = log.tree_size + 1000
    return ledger.want(session, log, Span(log.tree_size, end), end)


QUESTIONS: dict[str, Question] = {
    "issue": lambda session: ledger.issue(session, "google", 256, lease_seconds=60),
    "audits": lambda session: audits.due_audits(session, 3),
    "nobody checks himself": lambda session: check(session, "alice") == [],
    "another checks": lambda session: check(session, "alice", "bob"),
    "grow": grow,
    "all states": ledger.range_states,
}


@pytest.mark.parametrize("name", [name for name in QUESTIONS if name != "all states"])
def test_no_more_rows_are_read_in_a_larger_ledger(rows: dict[str, list[int]], name: str) -> None:
    """Issuing, choosing audits and checks, extending a window: as many rows at twenty times the size."""
    small, large = rows[name]
    assert large <= 1.1 * small + 10


def test_reading_all_would_be_noticed(rows: dict[str, list[int]]) -> None:
    """The test above can fail: counting the ranges of each state reads them all."""
    small, large = rows["all states"]
    assert large > 10 * small


def test_sqlite_reads_them_in_the_order_of_its_indices_too(store: Store) -> None:
    """Ranges to issue and to audit are searched in an index that has their order: nothing is scanned or sorted."""
    with store.transaction() as session:
        log = session.get_one(LogRow, LOG_ID)
        ledger.want(session, log, Span(0, SIZES[1] * RANGE_ENTRIES), SIZES[1] * RANGE_ENTRIES)
        session.execute(text("ANALYZE"))
    sent: list[tuple[str, Any]] = []
    event.listen(store.engine, "before_cursor_execute", lambda _c, _cursor, *statement: sent.append(statement[:2]))
    with store.reading() as session:
        ledger.issue(session, "google", 256, lease_seconds=60)
        audits.due_audits(session, 200)
    with store.engine.connect() as connection:
        asked = [each for each in sent if "FROM ranges" in each[0]]
        steps = [
            step
            for statement, values in asked
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    assert len(steps) == len(asked) == 4
    assert all(INDEX.search(step[3]) for step in steps), steps
