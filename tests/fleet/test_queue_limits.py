"""A queue whose rate is spent is left alone: its messages stay in Redis for other workers."""

from typing import Any

import pytest
from kombu.connection import Connection
from kombu.entity import Queue

from ctcollect import lanes
from ctcollect.lanes import Lane, Lanes, LimitedCycle, TokenBucket
from tests.services.redis import RedisServer

MESSAGES = 10


class Clock:
    """The monotonic clock of a test, set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(lanes, "time", clock)
    return clock


@pytest.fixture
def lane(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Lane:
    """One queue with two tasks a second; what is no lane is not limited."""
    lane = Lane("slow", 1, TokenBucket(2))
    monkeypatch.setattr(lanes, "LANES", Lanes({"slow": lane}))
    return lane


@pytest.mark.parametrize(("per_second", "at_once"), [(0.1, 1), (2, 4), (20, 40)])
def test_a_bucket_gives_its_rate(clock: Clock, per_second: float, at_once: int) -> None:
    """At first two seconds' worth and at least one; later as much as has come since; never more is saved up."""
    bucket = TokenBucket(per_second)

    def take_all() -> int:
        taken = 0
        while bucket.tokens() >= 1:
            bucket.take()
            taken += 1
        return taken

    assert take_all() == at_once
    clock.now += 1 / per_second * 1.01
    assert take_all() == 1
    clock.now += 3600
    assert take_all() == at_once


@pytest.mark.usefixtures("lane")
def test_queues_come_in_turn_without_the_one_that_is_spent(clock: Clock) -> None:
    """The queue that has delivered goes to the end of the row; one without tokens is not asked until it has some."""
    cycle = LimitedCycle(["slow", "free", "other"])
    assert cycle.consume(3) == ["slow", "free", "other"]
    assert cycle.consume(2) == ["slow", "free"]
    for _ in range(4):
        cycle.rotate("slow")
    assert cycle.consume(3) == ["free", "other"]
    cycle.rotate("free")
    assert cycle.consume(3) == ["other", "free"]
    clock.now += 1
    assert cycle.consume(3) == ["other", "slow", "free"]
    cycle.update(["free"])
    assert cycle.consume(3) == ["free"]


@pytest.mark.usefixtures("lane")
def test_messages_beyond_the_rate_stay_in_redis(redis_server: RedisServer, broker_url: str) -> None:
    """A consumer of two queues takes all of the free one and no more than its tokens of the limited one."""
    taken: list[str] = []

    def note(body: Any, message: Any) -> None:
        taken.append(body)
        message.ack()

    options = {"queue_order_strategy": "ctcollect.lanes:LimitedCycle", "priority_steps": [0]}
    queues = [Queue(name, routing_key=name) for name in ("slow", "free")]
    with Connection(broker_url, transport_options=options) as connection, connection.Producer() as producer:
        for queue in queues * MESSAGES:
            producer.publish(queue.name, routing_key=queue.name, declare=[queue])
        with connection.Consumer(queues, callbacks=[note]):
            while len(taken) < MESSAGES + 4:
                connection.drain_events(timeout=5)
            with pytest.raises(TimeoutError):
                connection.drain_events(timeout=0.5)
    assert sorted(taken) == ["free"] * MESSAGES + ["slow"] * 4
    with redis_server.client() as client:
        assert (client.llen("slow"), client.llen("free")) == (MESSAGES - 4, 0)
