"""How MariaDB finds what the coordinator asks of the ledger again and again: by which index, reading how many rows.

    python -m benchmarks.ledger_plans

on the database of the environment. Prints {"rows": {question: rows read}, "plans": [[question, table, index, ...]]}.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text

from ctcollect.catalogue import queues
from ctcollect.settings import load
from ctcollect.store import Session, Store, audits, ledger, second_opinions, utc_now
from ctcollect.store.archive_holders import waiting_for
from ctcollect.store.entries import entries_document
from ctcollect.store.workers import WorkerSign, note_signs

Question = Callable[[Session], Any]
QUEUE = queues()[0]
ORDERS, AUDITS, CHECKS = 256, 200, 32
# Tables with a row for each range, or for many of them.
GROWING = ("ranges", "deliveries", "subtrees", "second_opinions")


def check(session: Session) -> Any:
    """As the feeder does while two friends run."""
    note_signs(session, [WorkerSign(f"{name}@host", utc_now(), True, "1", QUEUE) for name in ("alice", "bob")])
    return second_opinions.issue_checks(session, QUEUE, CHECKS, lease_seconds=60)


QUESTIONS: dict[str, Question] = {
    "orders to issue": lambda session: ledger.issue(session, QUEUE, ORDERS, lease_seconds=60),
    "leases that ran out": lambda session: ledger.expired_leases(session, QUEUE),
    "checks to ask for": check,
    "audits that are due": lambda session: audits.due_audits(session, AUDITS),
    "entries wanted, out, done": entries_document,
    "archives waited for": waiting_for,
}


def rows_read(store: Store, question: Question) -> int:
    """How many rows the server reads, in tables and indices, for a question whose changes are not kept."""
    with store.reading() as session:
        session.execute(text("FLUSH STATUS"))
        question(session)
        session.flush()
        told = session.execute(text("SHOW SESSION STATUS LIKE 'Handler_read%'")).all()
    return sum(int(count) for _, count in told)


@contextmanager
def _statements(store: Store) -> Iterator[dict[str, Any]]:
    """Each SELECT that is sent while the block runs, once, with its values."""
    sent: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            sent.setdefault(statement, values)

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def plans(store: Store, question: Question) -> Iterator[tuple[str, str, str]]:
    """(table, index, what else MariaDB says) for each step of the question that meets a large table."""
    with _statements(store) as statements, store.reading() as session:
        question(session)
    with store.engine.connect() as connection:
        for statement, values in statements.items():
            for step in connection.exec_driver_sql(f"EXPLAIN {statement}", values).mappings():
                if step["table"] in GROWING:
                    yield step["table"], step["key"] or "none", step["Extra"] or ""


def main() -> None:
    store = Store(load().database_url)
    rows = {name: rows_read(store, question) for name, question in QUESTIONS.items()}
    found = [[name, *plan] for name, question in QUESTIONS.items() for plan in plans(store, question)]
    store.close()
    print(json.dumps({"rows": rows, "plans": found}))


if __name__ == "__main__":
    main()
