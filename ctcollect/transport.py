"""Kombu's Redis transport with six changes, for every process of this project, Flower's too.

1. A message is looked at before it is believed (ctcollect.envelope). Kombu's own ends the worker at the first item
   that is no JSON, and Celery's does whatever a message asks for.
2. A coordinator that consumes ``results`` takes from the list of each account as well, in turn, and hears their events.
3. Under an account nothing is put back into the queues: what is given back is only marked, and the coordinator issues
   it again. So no friend needs the right to write into a queue, nor scripts and bindings, which would need more rights.
4. Celery 5.7.0 exits when Redis goes away under a busy worker, for it asks a closed transport for its parameters. It is
   told what it expects: that the connection is lost.
5. A Redis that is full (its maxmemory) refuses to note what a worker has taken, and inside a transaction even to
   forget it. Kombu would lose the message; here it is done without the note, and forgotten without a transaction.
   Should its worker die meanwhile, the ledger issues the work again.
6. A channel keeps its client, which redis makes in a third of a millisecond. Kombu makes one to note a message, one to
   forget it, and one to send it.
"""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError as RedisDown
from redis.exceptions import OutOfMemoryError

from ctcollect.envelope import read_message, record_of
from ctcollect.errors import StrangeMessage
from ctcollect.events import is_event_of
from ctcollect.routing import EVENTS, RESULTS, account_behind, of_account

logger = logging.getLogger(__name__)

# In place of the time at which an order was taken: it is given back.
GIVEN_BACK = 0


class ResultLists:
    """The accounts' lists of harvests that this process consumes with ``results``; each has its turn. Thread-safe."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._lock = threading.Lock()

    def consume_from(self, accounts: Iterable[str]) -> None:
        """From now on exactly the lists of these accounts; those that stay keep their turn."""
        wanted = {of_account(RESULTS, account) for account in accounts}
        with self._lock:
            kept = [name for name in self._names if name in wanted]
            self._names = kept + sorted(wanted - set(kept))

    def in_turn(self) -> list[str]:
        """The one that has delivered longest ago comes first."""
        with self._lock:
            return [*self._names]

    def took_from(self, name: str) -> None:
        with self._lock:
            if name in self._names:
                self._names.remove(name)
                self._names.append(name)


RESULT_LISTS = ResultLists()


class WithResultLists:
    """A queue order of kombu's in which the accounts' lists stand beside ``results``."""

    def __init__(self, order: Any) -> None:
        self._order = order
        self.update = order.update

    def consume(self, count: int) -> list[str]:
        names: list[str] = self._order.consume(count)
        return [*names, *RESULT_LISTS.in_turn()] if RESULTS in names else names

    def rotate(self, last_used: str) -> None:
        if account_behind(RESULTS, last_used):
            RESULT_LISTS.took_from(last_used)
        else:
            self._order.rotate(last_used)


class QoS(kombu_redis.QoS):
    """Under an account a message is never put back into its queue, only marked as given back.

    While Redis is full what is taken is not noted, and what was noted is put back after its visibility timeout.
    """

    @contextmanager
    def pipe_or_acquire(self, pipe: Any = None, client: Any = None) -> Iterator[Any]:
        """Kombu notes and forgets in a transaction, though each half does no harm without the other."""
        if pipe:
            yield pipe
        else:
            with self.channel.conn_or_acquire(client) as connected:
                yield connected.pipeline(transaction=False)

    def append(self, message: Any, delivery_tag: str) -> None:
        try:
            super().append(message, delivery_tag)
        except OutOfMemoryError:
            virtual.QoS.append(self, message, delivery_tag)

    def restore_by_tag(self, tag: str, client: Any = None, leftmost: bool = False) -> None:
        with suppress(OutOfMemoryError):
            if not self.channel.account:
                super().restore_by_tag(tag, client, leftmost)
                return
            with self.channel.conn_or_acquire(client) as connected:
                connected.zadd(self.unacked_index_key, {tag: GIVEN_BACK})

    def restore_visible(self, *args: Any, **kwargs: Any) -> None:
        """The coordinator does it for the accounts."""
        if not self.channel.account:
            with suppress(OutOfMemoryError):
                super().restore_visible(*args, **kwargs)


class Channel(kombu_redis.Channel):
    QoS = QoS
    # The account under which this process works; "" for the project's own users.
    account = ""
    from_transport_options = (*kombu_redis.Channel.from_transport_options, "account")  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._kept_client: Any = None
        super().__init__(*args, **kwargs)
        self._queue_cycle = WithResultLists(self._queue_cycle)

    @contextmanager
    def conn_or_acquire(self, client: Any = None) -> Iterator[Any]:
        """A client is for all threads; one whose pool was given up with a lost connection is not used again."""
        if client is None:
            if self._kept_client is None or self._kept_client.connection_pool is not self.pool:
                self._kept_client = self._create_client()
            client = self._kept_client
        yield client

    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection.client is None:
            raise RedisDown("the transport is already closed")
        return super()._connparams(asynchronous)

    def _brpop_read(self, **options: Any) -> bool:
        """As kombu's, but for the look at what was taken."""
        try:
            taken = self._read_answer(**options)
            if not taken:
                raise Empty
            queue, item = taken[0].decode(), taken[1]
            self._queue_cycle.rotate(queue)
            self.connection._deliver(_checked(item, queue), RESULTS if account_behind(RESULTS, queue) else queue)
            return True
        finally:
            self._in_poll = None  # type: ignore[assignment]
            self._flush_brpop_reauth()

    def _read_answer(self, **options: Any) -> Any:
        try:
            return self.client.parse_response(self.client.connection, "BRPOP", **options)
        except self.connection_errors:
            self.client.connection.disconnect()  # the next turn connects again
            raise

    def _get_subscribe_topics(self, queue: str) -> list[str]:
        exchange, routing_key = self._fanout_queues[queue]
        topics: list[str] = super()._get_subscribe_topics(queue)
        return [*topics, self._get_publish_topic(f"{EVENTS}.*", routing_key)] if exchange == EVENTS else topics

    def _deliver_fanout_message(self, message: Any, exchange: str) -> bool:
        """Events that came by an account's channel are that account's own, or dropped."""
        account = account_behind(EVENTS, exchange)
        if account and not is_event_of(message, account):
            logger.debug("an event of %s that is none of its workers' is dropped", account)
            return False
        super()._deliver_fanout_message(message, EVENTS if account else exchange)
        return True

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """An account only listens to its remote control, for which nobody needs to find it in a table."""
        if self.account:
            self._fanout_queues[queue] = (exchange, routing_key.replace("#", "*"))
        else:
            super()._queue_bind(exchange, routing_key, pattern, queue)

    def _delete(self, queue: str, *args: Any, **kwargs: Any) -> None:
        if not self.account:
            super()._delete(queue, *args, **kwargs)

    def maybe_refresh_binding_expiry(self) -> None:
        if not self.account:
            super().maybe_refresh_binding_expiry()


def _checked(item: bytes, queue: str) -> dict[str, Any]:
    """Empty, which kombu takes for "nothing came", after a strange message that is nobody's business."""
    try:
        return read_message(item, queue)
    except StrangeMessage as error:
        if queue == RESULTS or account_behind(RESULTS, queue):
            return record_of(str(error), queue)
        logger.warning("dropped from %s: %s", queue, error)
        raise Empty from None


class Transport(kombu_redis.Transport):
    Channel = Channel


def use_this_transport() -> None:
    """For every redis:// and rediss:// url of this process."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:{Transport.__name__}"
