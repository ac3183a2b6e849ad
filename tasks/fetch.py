"""Fetch tasks, one name a queue. All that a friend's worker runs: no database, and no disk but the spool."""

import logging
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from celery import Task
from celery.signals import worker_ready

from ctcollect.archive_lane import start_telling
from ctcollect.broker import Broker
from ctcollect.catalogue import ARCHIVES, queues
from ctcollect.celery import app
from ctcollect.collect import Collector
from ctcollect.control import obey
from ctcollect.courier import Courier
from ctcollect.errors import ConfigurationError
from ctcollect.harvest import Harvest, Order, friend_of
from ctcollect.lanes import LANES
from ctcollect.progress_display import start_display
from ctcollect.progress_line import PROGRESS, Figures, Surroundings, progress_line
from ctcollect.routing import fetch_task
from ctcollect.self_report import own_report, report_with
from ctcollect.settings import load
from ctcollect.worker import STOP, spool, start_end_in_time
from ctcollect.worker_report import WorkerReport

logger = logging.getLogger(__name__)

# What is left of such an order is issued again; nobody has to know.
NOTHING_WRONG = ("", "OutOfTime", "Avoided", "Redelivered", "LogPaused")
# The orders behind one that can't be read may be like it: they are not eaten up in a moment.
UNREADABLE_SECONDS = 10.0


@cache
def collector() -> Collector:
    """One for all threads of this worker."""
    return obey(Collector(load(), STOP))


@cache
def courier() -> Courier:
    """One for all threads of this worker."""
    broker = Broker(app)

    def deliver(harvest: Harvest, worker: str) -> None:
        broker.send_harvest(harvest, worker)
        PROGRESS.uploaded(harvest)

    return Courier(deliver, spool(), STOP)


@worker_ready.connect
def prepare(**_: Any) -> None:
    """Before the first order. Not in a coordinator's worker: it fetches nothing."""
    served = [queue for queue in queues() if queue in app.amqp.queues.consume_from]
    if served:
        LANES.pause_seconds = collector().seconds_until_turn  # made here, while no threads would each make one
        LANES.is_full = spool().is_full
        courier().start()
        report_with(partial(_report, served))
        start_end_in_time()
        if ARCHIVES in served:
            start_telling(collector().shared.archives, load(), STOP)
        start_display(partial(progress_lines, served), load(), STOP)


def _report(served: Sequence[str]) -> WorkerReport:
    return own_report(served, LANES, spool(), collector().requests_per_second)


def progress_lines(served: Sequence[str], fancy: bool) -> list[str]:
    """A line for each lane of this worker."""
    return [_progress_line(queue, PROGRESS.lanes.get(queue, Figures()), fancy) for queue in served]


def _progress_line(queue: str, lane: Figures, fancy: bool) -> str:
    left, pace = PROGRESS.forecast.seconds_left(lane.log), collector().requests_per_second(queue)
    return progress_line(queue, lane, Surroundings(left, pace, spool().size_bytes), fancy=fancy)


def fetch(self: Task, order: dict[str, Any]) -> None:
    """Fetch a sub-range, bring what it holds on its way, then return, which acknowledges the order."""
    worker = self.request.hostname
    try:
        wanted = Order.from_json(order)
    except ConfigurationError as error:
        logger.warning("An order is left alone: %s", error)
        STOP.wait(UNREADABLE_SECONDS)
        return
    is_redelivered = self.request.delivery_info["redelivered"]
    for harvest in collector().collect(wanted, friend_of(worker), is_redelivered):
        courier().send(harvest, worker)
        PROGRESS.read(harvest, wanted.name)
        if harvest.fault_kind not in NOTHING_WRONG:
            logger.warning("%s %s: %s", wanted.name, harvest.span, harvest.fault)
        if harvest.fault_kind == "NotHere":
            STOP.wait(UNREADABLE_SECONDS)  # the next order is probably of the same archive


for _queue in queues():
    app.task(name=fetch_task(_queue), bind=True)(fetch)
