"""What every Celery process of this project is, friend's or coordinator's: consumer, queue limits, role, beat."""

import importlib
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import celery
from celery.beat import PersistentScheduler
from celery.signals import celeryd_init
from celery.worker.consumer import Consumer as CeleryConsumer
from celery.worker.state import SOFTWARE_INFO
from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError as RedisDown

from ctcollect import __version__
from ctcollect.catalogue import operator_of, queues
from ctcollect.settings import load

# Only a worker that serves these queues loads the tasks behind them, and with them SQLAlchemy.
COORDINATOR_QUEUES = {"results", "control"}
COORDINATOR_TASKS = ("tasks.record", "tasks.feed", "tasks.audit", "tasks.plan", "tasks.presence")


class Consumer(CeleryConsumer):
    """Without gossip and mingle: friends do not talk to each other, and each round trip costs (docs/celery.md)."""

    def __init__(self, *args: Any, worker_options: dict[str, Any] | None = None, **kwargs: Any) -> None:
        options = dict(worker_options or {}, without_gossip=True, without_mingle=True)
        super().__init__(*args, worker_options=options, **kwargs)


class TokenBucket:
    """``per_second`` tokens, of which two seconds' worth, and at least one, may be saved up."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self.capacity = max(1.0, 2 * per_second)
        self._tokens = self.capacity
        self._filled_at = time.monotonic()

    def tokens(self) -> float:
        now = time.monotonic()
        self._tokens = min(self.capacity, self._tokens + (now - self._filled_at) * self.per_second)
        self._filled_at = now
        return self._tokens

    def take(self) -> None:
        self._tokens = self.tokens() - 1


BUCKETS = {queue: TokenBucket(operator_of(queue).tasks_per_second) for queue in queues()}


class LimitedCycle:
    """Kombu's order of queues, in turn, leaving out those whose rate is spent: their messages stay for others."""

    def __init__(self, names: Iterable[str] | None = None) -> None:
        self.names = list(names or [])

    def update(self, names: Iterable[str]) -> None:
        self.names[:] = list(names)

    def consume(self, count: int) -> list[str]:
        return [name for name in self.names if name not in BUCKETS or BUCKETS[name].tokens() >= 1][:count]

    def rotate(self, last_used: str) -> None:
        """Called with the queue that has delivered."""
        if last_used in BUCKETS:
            BUCKETS[last_used].take()
        if last_used in self.names:
            self.names.append(self.names.pop(self.names.index(last_used)))


@celeryd_init.connect
def take_role(conf: Any, options: dict[str, Any], **_: Any) -> None:
    """A worker that serves a coordinator's queue, or every queue, loads the coordinator's tasks."""
    chosen = options.get("queues")
    names = set(chosen.split(",") if isinstance(chosen, str) else chosen or COORDINATOR_QUEUES | set(queues()))
    # Celery puts these into every heartbeat.
    SOFTWARE_INFO.update(ctcollect=__version__, queues=",".join(name for name in queues() if name in names))
    if not names & COORDINATOR_QUEUES:
        return
    if names <= COORDINATOR_QUEUES:
        conf.worker_concurrency = load().coordinator_concurrency
    for module in COORDINATOR_TASKS:
        importlib.import_module(module)


class Scheduler(PersistentScheduler):
    """Beat's, whose file lies in the data folder, made here when it is not there yet."""

    def setup_schedule(self) -> None:
        try:
            Path(self.schedule_filename).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SystemExit(f"CTCOLLECT_DATA_DIR can't be made: {error}") from None
        super().setup_schedule()


def mend_closed_transport() -> None:
    """Celery 5.7.0 exits when Redis goes away under a busy worker: it asks a closed transport for its parameters.

    Raise the connection error that the caller expects instead of AttributeError.
    """
    original = kombu_redis.Channel._connparams

    def connection_parameters(self: Any, asynchronous: bool = False) -> Any:
        if getattr(self.connection, "client", None) is None:
            raise RedisDown("the transport is already closed")
        return original(self, asynchronous)

    kombu_redis.Channel._connparams = connection_parameters  # type: ignore[method-assign]


if celery.__version__ == "5.7.0":
    mend_closed_transport()
