"""What pages ask for costs no scan of a large table, as the database itself explains it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, text

from ctcollect.store import Session, Store
from ctcollect.store.attention import attention
from ctcollect.store.daily_matrix import daily_matrix
from ctcollect.store.entries import entries_document
from ctcollect.store.finds import MOST, latest_finds
from ctcollect.store.forecast import forecast_document
from ctcollect.store.history import PERIODS, history
from ctcollect.store.progress import take_sample, thin_out
from ctcollect.store.queue_figures import queues_document
from ctcollect.store.status import status_document
from tests.services.mariadb import MariadbServer
from tests.store.crowd import CERTIFICATES, TABLES, crowded

FAR_AHEAD = 4 * 10**9
# A row that is found by an index, or some rows next to each other in one.
BY_INDEX = {"system", "const", "eq_ref", "ref", "ref_or_null", "range"}


def sample_and_thin(session: Session) -> dict[str, Any]:
    """What beat has done every minute, as if nothing had been forgotten for long."""
    take_sample(session, FAR_AHEAD)
    thin_out(session, FAR_AHEAD)
    return {}


QUESTIONS: dict[str, Callable[[Session], Any]] = {
    "status": status_document,
    "entries": entries_document,
    "forecast": forecast_document,
    "queues": queues_document,
    "attention": attention,
    "finds": latest_finds,
    "next finds": lambda session: latest_finds(session, 50, before=CERTIFICATES // 2),
    "days": lambda session: daily_matrix(session, 365),
    "sample": sample_and_thin,
    **{f"history {period}": partial(history, period=period) for period in PERIODS},
    **{f"log {period}": partial(history, period=period, log_name="log1") for period in PERIODS},
}


@pytest.fixture(scope="module")
def crowd(mariadb_server: MariadbServer) -> Iterator[Store]:
    mariadb_server.start()
    store = crowded(mariadb_server.create_database("crowd"))
    yield store
    store.close()
    mariadb_server.drop_database("crowd")


@contextmanager
def statements_of(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """Every SELECT that is sent while the block runs, with its values."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            sent.append((statement, values))

    event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(store.engine, "before_cursor_execute", note)


def plan_of(store: Store, statement: str, values: Any) -> list[dict[str, Any]]:
    with store.engine.connect() as connection:
        cursor = connection.exec_driver_sql(f"EXPLAIN {statement}", values)
        return [dict(row) for row in cursor.mappings()]


def costs(step: dict[str, Any]) -> bool:
    """Whether a step of a plan reads a large table otherwise than by an index, or very much of it."""
    if not any(str(step["table"]).startswith(table) for table in TABLES):
        return False
    jumps = "Using index for group-by" in (step["Extra"] or "")
    # The newest rows, backwards in the order of the primary key until there are enough.
    is_page = step["type"] == "index" and step["key"] == "PRIMARY" and int(step["rows"]) <= MOST
    # Of each worker a hundred a day are kept: to count those in an index alone takes some milliseconds.
    is_bounded = step["table"] == "refused_harvests" and step["Extra"] == "Using index"
    return not (jumps or is_page or is_bounded or step["type"] in BY_INDEX)


@pytest.mark.parametrize("name", QUESTIONS)
def test_nothing_scans_a_large_table(crowd: Store, name: str) -> None:
    """Each statement of each question finds its rows by an index."""
    with statements_of(crowd) as statements, crowd.reading() as session:
        assert QUESTIONS[name](session) is not None
        session.rollback()
    assert statements
    for statement, values in statements:
        costly = [step for step in plan_of(crowd, statement, values) if costs(step)]
        assert costly == [], statement


def test_a_scan_would_be_noticed(crowd: Store) -> None:
    """The test above can fail: counting certificates, and looking for a friend's sightings, are scans."""
    for statement in ("SELECT COUNT(*) FROM certificates", "SELECT * FROM sightings WHERE friend = 'bob'"):
        assert any(map(costs, plan_of(crowd, statement, None))), statement
    with crowd.reading() as session:
        assert session.scalar(text("SELECT COUNT(*) FROM certificates")) == CERTIFICATES
