"""Leases that two processes change at one moment."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy.orm import Session

from ctcollect.models import LeaseRow, LogRow, RangeRow
from ctcollect.ranges import Span
from ctcollect.store import Store, ledger, schema

LOG_ID, SPAN = "ab" * 32, Span(0, 1024)
A_WHILE_SECONDS = 0.3


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """One range of one log, whose only sub-range is out."""
    store = Store(database_url)
    schema.upgrade(store)
    with store.transaction() as session:
        log = LogRow(
            log_id=LOG_ID, name="demo", operator="Demo", queue="google", kind="rfc6962", url="https://demo.example/",
            key=b"key", batch_entries=32, subrange_entries=1024,
        )  # fmt: skip
        session.add(log)
        session.flush()
        ledger.want(session, log, SPAN, SPAN.end)
        session.flush()
        ledger.issue(session, "google", 1, lease_seconds=60)
    yield store
    store.close()


CHANGES: dict[str, Callable[[Session], None]] = {
    "renewed": lambda session: ledger.renew_leases(session, [(LOG_ID, SPAN)], 60),
    "taken back": lambda session: ledger.end_leases(session, [(LOG_ID, SPAN)]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_lease_may_end_while_another_looks_at_it(store: Store, change: Callable[[Session], None]) -> None:
    """The feeder waits for a recorder that ends the lease, and then finds nothing to do."""
    is_under_way = Event()

    def feed() -> None:
        is_under_way.set()
        with store.transaction() as session:
            change(session)

    with ThreadPoolExecutor(1) as feeder:
        with store.transaction() as session:
            session.get(RangeRow, (LOG_ID, 0), with_for_update=True)
            session.delete(session.get_one(LeaseRow, (LOG_ID, 0)))
            session.flush()
            feeding = feeder.submit(feed)
            assert is_under_way.wait(10)
            with pytest.raises(TimeoutError):
                feeding.result(A_WHILE_SECONDS)
        feeding.result(30)
    with store.reading() as session:
        assert session.get(LeaseRow, (LOG_ID, 0)) is None
