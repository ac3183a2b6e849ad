"""The recorder's task on the queue ``results``: commits, then returns, which acknowledges the harvest."""

import logging
import time
from typing import Any

from celery import Task
from celery.exceptions import Reject

from ctcollect.celery import app
from ctcollect.coordinator import account_care, recorder
from ctcollect.coordinator.context import context
from ctcollect.errors import StoreUnavailable
from ctcollect.routing import RECORD_TASK

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0


@app.task(name=RECORD_TASK, bind=True)
def record(self: Task, harvest: dict[str, Any], worker: str) -> None:
    """A database that is away puts the harvest back into the queue (docs/celery.md: all else would lose it)."""
    try:
        # Our transport has written it there, where the message was taken from.
        queue = self.request.delivery_info["routing_key"]
        was_useful = recorder.record_from(context(), harvest, worker, queue)
        account_care.count(context(), queue, was_useful)
    except StoreUnavailable as error:
        logger.warning("a harvest waits: %s", error)
        context().unwritten.note(error)
        time.sleep(PAUSE_SECONDS)
        raise Reject(error, requeue=True) from error
