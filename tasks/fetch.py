"""Fetch tasks, one name a queue. All that a friend's worker runs: no database, and no disk but the spool."""

import logging
from functools import cache
from typing import Any

from celery import Task
from celery.signals import worker_ready

from ctcollect.broker import Broker
from ctcollect.catalogue import queues
from ctcollect.celery import app
from ctcollect.collect import Collector
from ctcollect.courier import Courier
from ctcollect.errors import ConfigurationError
from ctcollect.harvest import Order, friend_of
from ctcollect.routing import fetch_task
from ctcollect.settings import load
from ctcollect.worker import STOP, spool, start_end_in_time

logger = logging.getLogger(__name__)

# What is left of such an order is issued again; nobody has to know.
NOTHING_WRONG = ("", "OutOfTime", "Avoided")


@cache
def collector() -> Collector:
    """One for all threads of this worker."""
    return Collector(load(), STOP)


@cache
def courier() -> Courier:
    """One for all threads of this worker."""
    return Courier(Broker(app).send_harvest, spool(), STOP)


@worker_ready.connect
def prepare(**_: Any) -> None:
    """Before the first order. Not in a coordinator's worker: it fetches nothing."""
    if not set(queues()).isdisjoint(app.amqp.queues.consume_from):
        collector()  # here, while there are no threads that would each make one
        courier().start()
        start_end_in_time()


def fetch(self: Task, order: dict[str, Any]) -> None:
    """Fetch a sub-range, bring what it holds on its way, then return, which acknowledges the order."""
    worker = self.request.hostname
    try:
        wanted = Order.from_json(order)
    except ConfigurationError as error:
        logger.warning("An order is left to others: %s", error)
        return
    for harvest in collector().collect(wanted, friend_of(worker)):
        courier().send(harvest, worker)
        if harvest.fault_kind not in NOTHING_WRONG:
            logger.warning("%s %s: %s", wanted.name, harvest.span, harvest.fault)


for _queue in queues():
    app.task(name=fetch_task(_queue), bind=True)(fetch)
