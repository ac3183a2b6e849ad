"""Fetch tasks, one name a queue. All that a friend's worker runs: neither database nor disk."""

import logging
from functools import cache
from typing import Any

from celery import Task

from ctcollect.broker import Broker, fetch_task
from ctcollect.catalogue import queues
from ctcollect.celery import app
from ctcollect.collect import Collector
from ctcollect.harvest import Order
from ctcollect.settings import load

logger = logging.getLogger(__name__)


@cache
def collector() -> Collector:
    """One for all threads of this worker."""
    return Collector(load())


def fetch(self: Task, order: dict[str, Any]) -> None:
    """Fetch a sub-range, send what it holds to ``results``, then return, which acknowledges the order."""
    broker = Broker(app)
    for harvest in collector().collect(Order.from_json(order)):
        broker.send_harvest(harvest, self.request.hostname)
        if harvest.fault:
            logger.warning("%s %s: %s", order["name"], harvest.span, harvest.fault)


for _queue in queues():
    app.task(name=fetch_task(_queue), bind=True)(fetch)
