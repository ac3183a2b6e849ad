"""Redis as the fleet uses it: put orders into queues, look at what is waiting there."""

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from ctcollect.catalogue import queues
from ctcollect.errors import BrokerUnavailable
from ctcollect.harvest import Harvest, Order
from ctcollect.lanes import fetch_task
from ctcollect.ranges import Span

RESULTS = "results"
RECORD_TASK = "ctcollect.record"
UNACKED_KEY = "unacked"
SAMPLED_MESSAGES = 20


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except (OperationalError, RedisError, OSError) as error:
        raise BrokerUnavailable(f"the broker does not answer: {error}") from None


class Broker:
    """The broker behind a Celery application. Every failure is BrokerUnavailable."""

    def __init__(self, app: Celery) -> None:
        self.app = app

    @contextmanager
    def _client(self) -> Iterator[Any]:
        with _failures_told(), self.app.pool.acquire(block=True) as connection:
            yield connection.default_channel.client

    def ping(self) -> None:
        """Without the patience of all else here: a person waits for the answer."""
        with _failures_told(), self.app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            connection.default_channel.client.ping()

    def depth(self, queue: str) -> int:
        """How many messages wait in a queue; those that a worker holds are not counted."""
        with self._client() as client:
            return int(client.llen(queue))

    def size_bytes(self, queue: str) -> int:
        """About how much memory a queue takes in the broker; Redis looks at a sample of its messages."""
        with self._client() as client:
            return int(client.memory_usage(queue, samples=SAMPLED_MESSAGES) or 0)

    def send_orders(self, orders: Iterable[Order]) -> None:
        for order in orders:
            self._send(fetch_task(order.queue), [order.to_json()], order.queue)

    def send_harvest(self, harvest: Harvest, worker: str) -> None:
        self._send(RECORD_TASK, [harvest.to_json(), worker], RESULTS)

    def _send(self, task: str, args: list[Any], queue: str) -> None:
        with _failures_told():
            # Without argsrepr Celery would print every argument into the headers, a megabyte of it for a harvest.
            self.app.send_task(task, args=args, queue=queue, argsrepr="", kwargsrepr="")

    def stop_orders(self, friend: str) -> None:
        """Ask the workers of a friend who lost trust to take no more from the queues; one that is silent stays so."""
        with _failures_told():
            pattern = f"{friend}@*"
            for queue in queues():
                self.app.control.cancel_consumer(queue, pattern=pattern, matcher="glob", reply=False)

    def announce(self, document: dict[str, Any]) -> None:
        """To every worker that listens now; the command is in ctcollect/lane_control.py."""
        self._tell("announce", **document)

    def tell_share(self, host: str, per_second: float, said_at: float) -> None:
        """Every running worker's share of a host from now on; 0.0 for none."""
        self._tell("set_pace", host=host, per_second=per_second, said_at=said_at)

    def tell_paused(self, log_id: str, paused: bool, said_at: float) -> None:
        """Every running worker breaks off its work on a log, or may do it again."""
        self._tell("pause_log" if paused else "resume_log", log_id=log_id, said_at=said_at)

    def _tell(self, command: str, **arguments: object) -> None:
        """Those who do not hear it learn it from their next orders."""
        with _failures_told(), self.app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            self.app.control.broadcast(command, arguments=arguments, connection=connection, reply=False)

    def orders_on_their_way(self, queue: str) -> set[tuple[str, Span]]:
        """(log_id, span) of every order that waits in a queue or that a worker has taken and not acknowledged."""
        with self._client() as client:
            # In this order: a message moves from the queue to the unacknowledged ones, never unseen between them.
            waiting = client.lrange(queue, 0, -1)
            taken = client.hvals(UNACKED_KEY)
        envelopes = [orjson.loads(message) for message in waiting]
        envelopes += [orjson.loads(message)[0] for message in taken]
        return {span for span in map(_order_span, envelopes) if span is not None}


def _order_span(envelope: dict[str, Any]) -> tuple[str, Span] | None:
    """None for a message that is no order of ours."""
    try:
        args = orjson.loads(base64.b64decode(envelope["body"]))[0]
        return args[0]["log_id"], Span(args[0]["start"], args[0]["end"])
    except (KeyError, IndexError, TypeError, ValueError):
        return None
