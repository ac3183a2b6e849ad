"""What every Celery process of this project is, friend's or coordinator's: consumer, role, end, beat."""

import importlib
import logging
import os
import signal
import threading
import time
import warnings
from functools import cache
from pathlib import Path
from typing import Any

from celery.beat import PersistentScheduler, SchedulingError
from celery.exceptions import CPendingDeprecationWarning, Reject
from celery.signals import celeryd_init, worker_ready, worker_shutdown, worker_shutting_down
from celery.utils.log import mlevel
from celery.worker.consumer import Consumer as CeleryConsumer
from celery.worker.state import SOFTWARE_INFO
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from ctcollect import __version__
from ctcollect.catalogue import queues
from ctcollect.health import beat
from ctcollect.lanes import LANES
from ctcollect.memory import share_one_heap
from ctcollect.routing import CONTROL, RESULTS
from ctcollect.settings import load
from ctcollect.spool import Spool, SpoolFolder
from ctcollect.stop import Stop
from ctcollect.worker_report import HEARTBEAT_SECONDS

logger = logging.getLogger(__name__)

# Only a worker that serves these queues loads the tasks behind them, and with them SQLAlchemy.
COORDINATOR_QUEUES = {RESULTS, CONTROL}
COORDINATOR_TASKS = tuple(
    f"tasks.{name}"
    for name in ("record", "feed", "audit", "plan", "probe", "presence", "announce", "accounts", "sample", "start")
)
END_SECONDS = 4.0
IGNORES_HANGUP = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN

# Set as soon as this worker is told to end.
STOP = Stop()


@cache
def spool() -> Spool:
    """Where this worker keeps the harvests that it could not deliver."""
    settings = load()
    folder = SpoolFolder(settings.data_dir / "spool")
    return Spool(folder, settings.spool_max_bytes, settings.spool_retry_seconds)


@worker_ready.connect
def end_gently(**_: Any) -> None:
    """Ctrl+C and Ctrl+\\ do what SIGTERM does, however often they come: Celery's cold shutdown would lose work.

    So does a terminal that is closed, unless nohup has been asked for; Celery would start anew without one.
    """
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.getsignal(signal.SIGTERM))
    if IGNORES_HANGUP:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


@worker_shutting_down.connect
def stop_work(**_: Any) -> None:
    """In the signal's handler: the main thread may be waiting for a broker that does not answer."""
    LANES.close()
    STOP.set()


@worker_shutdown.connect
def end_unhurried(**_: Any) -> None:
    """All is handed back. Python drops its handlers before its end: one more Ctrl+C would then look like a crash."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def end_in_time() -> None:
    """In a thread of its own: whatever still hangs a while after the stop, this process ends.

    Work that it has not acknowledged comes back by itself.
    """
    STOP.wait()
    time.sleep(END_SECONDS)
    logger.warning("The broker or the network does not answer: this worker ends all the same. Nothing is lost.")
    os._exit(0)


def start_end_in_time() -> None:
    threading.Thread(target=end_in_time, name="end in time", daemon=True).start()


class Consumer(CeleryConsumer):
    """Friends do not talk to each other, and each round trip costs (docs/celery.md): without gossip and mingle, and
    with few heartbeats."""

    def __init__(self, *args: Any, worker_options: dict[str, Any] | None = None, **kwargs: Any) -> None:
        options = dict(worker_options or {}, without_gossip=True, without_mingle=True)
        options["heartbeat_interval"] = options.get("heartbeat_interval") or HEARTBEAT_SECONDS
        kwargs["initial_prefetch_count"] = kwargs["pool"].most_tasks
        super().__init__(*args, worker_options=options, **kwargs)

    @property
    def max_prefetch_count(self) -> int:
        """What Celery comes back to when it has lost its connection and has another one."""
        return int(self.pool.most_tasks)

    def stop(self) -> None:
        """The first step of every end, also of one by remote control, which no signal announces."""
        LANES.close()
        STOP.set()
        super().stop()


@celeryd_init.connect
def take_role(instance: Any, options: dict[str, Any], **_: Any) -> None:
    """A worker that serves a coordinator's queue, or every queue, loads the coordinator's tasks."""
    share_one_heap()
    # No banner, unless more than warnings is asked for.
    instance.quiet = instance.quiet or mlevel(options.get("loglevel") or logging.WARNING) >= logging.WARNING
    chosen = options.get("queues")
    names = set(chosen.split(",") if isinstance(chosen, str) else chosen or COORDINATOR_QUEUES | set(queues()))
    # Celery puts these into every heartbeat.
    SOFTWARE_INFO.update(
        ctcollect=__version__, queues=",".join(name for name in queues() if name in names), archives=""
    )
    if not names & COORDINATOR_QUEUES:
        return
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

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        """Send a task; that it could be sent is this process's sign of life."""
        result = super().apply_async(*args, **kwargs)
        beat()
        return result


def calmly(record: logging.LogRecord) -> bool:
    """A filter: what is away is told in a line; where that was found helps nobody. A task that rejects has told why."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, (OSError, RedisError, OperationalError, SchedulingError)):
        record.exc_info = None
    return not isinstance(error, Reject)


for _name in ("celery.worker.request", "celery.app.trace", "celery.beat"):
    logging.getLogger(_name).addFilter(calmly)


@worker_ready.connect
def hide_advice(**_: Any) -> None:
    """Celery recommends what celeryconfig.py decides against. Here, for it sets its own filters when it starts."""
    warnings.filterwarnings("ignore", category=CPendingDeprecationWarning, module="celery.worker.consumer")
