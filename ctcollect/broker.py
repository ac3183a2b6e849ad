"""Redis as the fleet uses it: put orders into queues, look at what is waiting there."""

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from ctcollect.broker_faults import explain, is_lasting
from ctcollect.catalogue import queues
from ctcollect.errors import BrokerUnavailable
from ctcollect.harvest import Harvest, Order
from ctcollect.ranges import Span
from ctcollect.routing import RECORD_TASK, RESULTS, UNACKED, account_of, fetch_task, of_account

SAMPLED_MESSAGES = 20
PING_SECONDS = 3


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except (OperationalError, RedisError, OSError) as error:
        raise BrokerUnavailable(explain(error), is_lasting=is_lasting(error)) from None


class Broker:
    """The broker behind a Celery application. Every failure is BrokerUnavailable."""

    def __init__(self, app: Celery) -> None:
        self.app = app

    @contextmanager
    def client(self) -> Iterator[Any]:
        """A connection of redis-py, for what Celery has no word for."""
        with _failures_told(), self.app.pool.acquire(block=True) as connection:
            yield connection.default_channel.client

    def ping(self) -> None:
        """Without the patience of all else here: a person waits for the answer."""
        patience = {"socket_connect_timeout": PING_SECONDS, "socket_timeout": PING_SECONDS}
        with _failures_told(), self.app.connection_for_write(transport_options=patience) as connection:
            connection.connect()
            connection.default_channel.client.ping()

    def depth(self, queue: str) -> int:
        """How many messages wait in a queue; those that a worker holds are not counted.

        Of ``results``: those in the accounts' lists too.
        """
        with self.client() as client:
            return sum(int(client.llen(each)) for each in _lists(client, queue))

    def size_bytes(self, queue: str) -> int:
        """About how much memory a queue takes in the broker; Redis looks at a sample of its messages."""
        with self.client() as client:
            sizes = [client.memory_usage(each, samples=SAMPLED_MESSAGES) for each in _lists(client, queue)]
            return sum(int(size or 0) for size in sizes)

    def memory(self) -> tuple[int, int | None]:
        """(bytes that the broker takes, bytes that it may take, None without a limit)."""
        with self.client() as client:
            told = client.info("memory")
        return int(told["used_memory"]), int(told.get("maxmemory", 0)) or None

    def send_orders(self, orders: Iterable[Order]) -> None:
        for order in orders:
            self._send(fetch_task(order.queue), [order.to_json()], order.queue)

    def send_harvest(self, harvest: Harvest, worker: str) -> None:
        queue = of_account(RESULTS, account_of(self.app.conf.broker_url))
        self._send(RECORD_TASK, [harvest.to_json(), worker], queue)

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

    def orders_on_their_way(self, queue: str, without_account: str = "") -> set[tuple[str, Span]]:
        """(log_id, span) of every order that waits in a queue or that a worker has taken and not acknowledged."""
        with self.client() as client:
            # In this order: a message moves from the queue to the unacknowledged ones, never unseen between them.
            found = [order_of(message) for message in client.lrange(queue, 0, -1)]
            for key in _keys(client, UNACKED):
                if not without_account or key != of_account(UNACKED, without_account):
                    found += map(held_order_of, client.hvals(key))
        return {span for span in found if span is not None}


def _keys(client: Any, name: str) -> list[str]:
    """The key ``name`` and those that stand for it with the accounts; there are few keys in all."""
    return [name, *sorted(key.decode() for key in client.scan_iter(f"{name}.*"))]


def _lists(client: Any, queue: str) -> list[str]:
    return _keys(client, queue) if queue == RESULTS else [queue]


def held_order_of(held: bytes) -> tuple[str, Span] | None:
    """Of what kombu keeps of a message that a worker has taken: [message, exchange, routing key]."""
    try:
        return _order_span(orjson.loads(held)[0])
    except (IndexError, KeyError, TypeError, ValueError):
        return None


def order_of(message: bytes) -> tuple[str, Span] | None:
    """(log_id, span); None for a message that is no order of ours."""
    try:
        return _order_span(orjson.loads(message))
    except (TypeError, ValueError):
        return None


def _order_span(envelope: Any) -> tuple[str, Span] | None:
    try:
        order = orjson.loads(base64.b64decode(envelope["body"]))[0][0]
        log_id, start, end = order["log_id"], order["start"], order["end"]
    except (IndexError, KeyError, TypeError, ValueError):
        return None
    is_order = type(log_id) is str and type(start) is int and type(end) is int
    return (log_id, Span(start, end)) if is_order else None
