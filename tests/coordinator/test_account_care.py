"""Orders that friends with accounts give back, or hold too long: issued again, and only if nobody else has them."""

from collections.abc import Iterator

import pytest
from celery import Celery
from kombu.connection import Connection
from kombu.entity import Queue
from sqlalchemy import select

from ctcollect.accounts import Accounts
from ctcollect.broker import Broker
from ctcollect.coordinator import feeder
from ctcollect.coordinator.account_care import AccountCare
from ctcollect.coordinator.context import Context
from ctcollect.local_log import LocalLog
from ctcollect.models import LeaseRow
from ctcollect.routing import UNACKED, UNACKED_INDEX, of_account
from ctcollect.settings import Settings
from ctcollect.transport import use_this_transport
from tests.coordinator.pipeline import open_pipeline

ENTRIES = 2_048
HOLDING_SECONDS = 600


class Clock:
    """The monotonic clock of a test, set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def context(settings: Settings) -> Iterator[Context]:
    """All orders of a log wait in a real queue."""
    use_this_transport()
    with open_pipeline(settings, LocalLog.generate("given-back", ENTRIES, seed=3, operator="Google")) as pipeline:
        pipeline.plan()
        context = Context(settings, pipeline.store, Broker(Celery(broker=settings.broker_url)))
        feeder.feed(context)
        yield context


def take(context: Context, friend: str) -> Connection:
    """A worker's connection of this friend, which holds one order; closing it gives that back."""
    keys = {"unacked_key": of_account(UNACKED, friend), "unacked_index_key": of_account(UNACKED_INDEX, friend)}
    options = {"account": friend, "priority_steps": [0], **keys}
    connection = Connection(context.settings.broker_url, transport_options=options)
    channel = connection.channel()
    taken: list[object] = []
    channel.basic_qos(0, 1, False)
    consumer = connection.Consumer([Queue("google", no_declare=True)], channel, on_message=taken.append)
    consumer.consume()
    while not taken:
        connection.drain_events(timeout=5)
    return connection


def leases(context: Context) -> int:
    with context.store.reading() as session:
        return len(session.scalars(select(LeaseRow)).all())


def held(context: Context, friend: str) -> int:
    return len(Accounts(context.broker).held(friend))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_worker_gives_back_is_free_at_once(context: Context) -> None:
    """Nothing is put into the queue by the worker, nothing waits for a time-out: the ledger issues it anew."""
    orders = leases(context)
    waiting = context.broker.depth("google")
    connection = take(context, "alice")
    AccountCare(context).look(["alice"])
    assert (leases(context), held(context, "alice")) == (orders, 1)
    connection.release()
    assert context.broker.depth("google") == waiting - 1
    AccountCare(context).look(["alice"])
    assert (leases(context), held(context, "alice")) == (orders - 1, 0)
    assert feeder.feed(context) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_held_too_long_is_taken_back(context: Context) -> None:
    """By the coordinator's clock, whatever time her worker has written down and however often it writes it anew."""
    clock, orders = Clock(), leases(context)
    care = AccountCare(context, clock)
    with take(context, "alice"):
        for seconds in (0, HOLDING_SECONDS / 2, HOLDING_SECONDS / 2 - 1):
            clock.now += seconds
            with context.broker.client() as client:
                client.zadd("unacked_index.alice", dict.fromkeys(client.hkeys("unacked.alice"), 10**12))
            care.look(["alice"])
            assert leases(context) == orders
        clock.now += 2
        care.look(["alice"])
        assert (leases(context), held(context, "alice")) == (orders - 1, 0)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_gives_back_what_another_holds(context: Context) -> None:
    """She writes down orders of the queue and of bob as hers: they are taken away from her, and no lease ends."""
    orders = leases(context)
    with take(context, "bob"), context.broker.client() as client:
        (bobs,) = client.hvals("unacked.bob")
        client.hset("unacked.alice", mapping={"tag": bobs})
        for number, message in enumerate(client.lrange("google", 0, -1)):
            client.hset("unacked.alice", f"tag{number}", b'[%b, "", "google"]' % message)
        client.zadd("unacked_index.alice", dict.fromkeys(client.hkeys("unacked.alice"), 0))
        AccountCare(context).look(["alice", "bob"])
        assert (held(context, "alice"), held(context, "bob")) == (0, 1)
        assert leases(context) == orders
