"""The feeder: full to the mark and not above it, nothing for logs that shall rest, nothing lost and nothing twice."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from ctcollect.coordinator import feeder
from ctcollect.coordinator.shares import shares
from ctcollect.errors import BrokerUnavailable
from ctcollect.harvest import Order
from ctcollect.host_gates import host_of
from ctcollect.local_log import LocalLog
from ctcollect.models import LeaseRow, LogRow
from ctcollect.ranges import Span
from ctcollect.store import ledger, utc_now
from ctcollect.store.guards import guard
from ctcollect.store.host_paces import set_host_pace, take_back_host_pace
from ctcollect.store.trust import UNTRUSTED, set_trust
from ctcollect.store.workers import WorkerSign, note_signs
from tests.coordinator.conftest import ENTRIES, SEED, OpenPipeline, on_sqlite
from tests.coordinator.pipeline import Pipeline
from tests.coordinator.tables import dump

pytestmark = on_sqlite
SPANS = [Span(0, 1_024), Span(1_024, 2_048), Span(2_048, ENTRIES)]


def with_mark(pipeline: Pipeline, queue_low_water: int) -> Pipeline:
    settings = replace(pipeline.context.settings, queue_low_water=queue_low_water)
    return replace(pipeline, context=replace(pipeline.context, settings=settings))


def set_log(pipeline: Pipeline, **values: Any) -> None:
    with pipeline.store.transaction() as session:
        session.execute(update(LogRow).values(**values))


def leases(pipeline: Pipeline) -> list[Span]:
    """What is out, as the tables have it."""
    with pipeline.store.reading() as session:
        return [Span(row.start_index, row.end_index) for row in session.query(LeaseRow).order_by(LeaseRow.start_index)]


def spans(orders: list[Order]) -> list[Span]:
    return [order.span for order in orders]


def test_a_queue_is_filled_to_its_mark_and_no_further(pipeline: Pipeline) -> None:
    """What waits counts; what a worker has taken is replaced; what is out is never issued again."""
    marked = with_mark(pipeline, 2)
    assert [feeder.feed(marked.context) for _ in range(3)] == [2, 0, 0]
    assert spans(pipeline.broker.orders) == SPANS[:2]
    pipeline.broker.taken.append(pipeline.broker.orders.pop(0))
    assert [feeder.feed(marked.context) for _ in range(3)] == [1, 0, 0]
    assert spans(pipeline.broker.orders) == SPANS[1:] == leases(pipeline)[1:]


def test_an_order_says_all_that_a_worker_needs(pipeline: Pipeline) -> None:
    """Where the log is, what it is called, how it is spoken to; it passes the worker's own reading."""
    order = pipeline.feed()[0]
    row = pipeline.log("demo-google")
    assert (order.log_id, order.url, order.queue) == (row.log_id, pipeline.server.log_url(row.name), "google")
    assert Order.from_json(order.to_json()) == order


def test_an_order_carries_the_workers_share(pipeline: Pipeline) -> None:
    """The fleet's ceiling divided over the workers that run and serve the queue; a local log has none of its own."""
    assert {order.share_per_second for order in pipeline.feed()} == {0.0}
    host, now = host_of(pipeline.log("demo-google").url), utc_now()
    with pipeline.store.transaction() as session:
        for name in ("alice", "bob", "carol", "dave"):
            queues = "digicert" if name == "carol" else "google,trustasia"
            note_signs(session, [WorkerSign(f"{name}@host", now, name != "dave", "1", queues)])
        set_host_pace(session, host, 5.0)
    pipeline.expire_leases()
    orders = pipeline.feed()
    assert {order.share_per_second for order in orders} == {2.5}
    assert all(abs(order.issued_at - time.time()) < 60 for order in orders)
    with pipeline.store.transaction() as session:
        set_trust(session, "bob", UNTRUSTED)
        take_back_host_pace(session, host)
        assert (shares(session)[host].per_second, shares(session)[host].workers) == (0.0, 1)


def test_workers_are_reminded_of_a_pause_while_orders_are_out(pipeline: Pipeline) -> None:
    """One that has just started would else read what it finds in the queue."""
    pipeline.feed()
    assert pipeline.broker.paused == []
    set_log(pipeline, paused=True)
    pipeline.feed()
    pipeline.feed()
    assert pipeline.broker.paused == [pipeline.log("demo-google").log_id] * 2


def test_logs_that_shall_rest_give_nothing(pipeline: Pipeline) -> None:
    """A paused, a disabled and a resting log are left alone, and come back where they were."""
    rest, past = utc_now() + timedelta(hours=1), utc_now() - timedelta(seconds=1)
    for column, off, on in [("paused", True, False), ("enabled", False, True), ("rest_until", rest, past)]:
        set_log(pipeline, **{column: off})
        assert pipeline.feed() == []
        set_log(pipeline, **{column: on})
    assert spans(pipeline.feed()) == SPANS


def test_nothing_goes_out_while_harvests_pile_up(pipeline: Pipeline) -> None:
    """At a high-water mark of the queue of harvests, in number or bytes, the feeder waits; below it goes on."""
    pipeline.broker.results = pipeline.context.settings.results_high_water
    assert pipeline.feed() == []
    pipeline.broker.results -= 1
    pipeline.broker.results_bytes = pipeline.context.settings.results_high_water_bytes
    assert pipeline.feed() == []
    pipeline.broker.results_bytes -= 1
    assert spans(pipeline.feed()) == SPANS


def test_a_lease_that_ran_out_is_renewed_or_issued_again(pipeline: Pipeline) -> None:
    """An order that still waits or is with a worker keeps its lease; one that is nowhere goes out again."""
    feeder.feed(pipeline.context)
    waiting, taken, lost = pipeline.broker.orders
    pipeline.broker.orders, pipeline.broker.taken = [waiting], [taken]
    pipeline.expire_leases()
    assert feeder.feed(pipeline.context) == 1
    assert spans(pipeline.broker.orders) == spans([waiting, lost])
    assert leases(pipeline) == SPANS
    with pipeline.store.reading() as session:
        assert ledger.expired_leases(session, "google") == []
    assert feeder.feed(pipeline.context) == 0


def test_two_feeders_do_not_feed_twice(pipeline: Pipeline) -> None:
    """While one works the other does nothing; a feeder that died holds its place for a bounded time."""
    with guard(pipeline.store, "feed", 60) as is_ours:
        assert is_ours
        assert feeder.feed(pipeline.context) == 0
    with guard(pipeline.store, "audit", 60):
        assert feeder.feed(pipeline.context) == 3


def test_a_guard_ends_by_itself(pipeline: Pipeline) -> None:
    """A holder that never comes back loses the job when its time is over, and can't free it for the next one."""
    with guard(pipeline.store, "feed", 0) as dead:
        with guard(pipeline.store, "feed", 60) as second:
            assert dead
            assert second
        with guard(pipeline.store, "feed", 60) as third:
            assert third
    with guard(pipeline.store, "feed", 60) as first, guard(pipeline.store, "feed", 60) as second:
        assert (first, second) == (True, False)


def test_a_broker_that_fails_gets_nothing_on_credit(pipeline: Pipeline) -> None:
    """When orders can't be sent their leases are given back, and all of them go out when the broker is back."""
    before = dump(pipeline.store)["leases"]
    pipeline.broker.fails = True
    with pytest.raises(BrokerUnavailable):
        feeder.feed(pipeline.context)
    assert dump(pipeline.store)["leases"] == before == []
    pipeline.broker.fails, pipeline.broker.orders = False, []
    assert spans(pipeline.feed()) == SPANS


def test_logs_that_end_first_come_first(open_fleet: OpenPipeline) -> None:
    """Of one queue the log whose certificates end first is read first, whatever its name."""
    years_ms = 366 * 86_400_000
    logs = [
        LocalLog.generate(name, 64, SEED, start_ms=years * years_ms + 1_600_000_000_000)
        for name, years in (("demo-a", 4), ("demo-b", 2), ("demo-c", 0))
    ]
    pipeline = open_fleet(*logs)
    pipeline.plan()
    assert [order.name for order in pipeline.feed()] == ["demo-c", "demo-b", "demo-a"]
