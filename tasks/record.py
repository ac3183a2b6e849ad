"""The recorder's task on the queue ``results``: commits, then returns, which acknowledges the harvest."""

import logging
import time
from typing import Any

from celery.exceptions import Reject

from ctcollect.broker import RECORD_TASK
from ctcollect.celery import app
from ctcollect.coordinator import recorder
from ctcollect.coordinator.context import context
from ctcollect.errors import StoreUnavailable

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0


@app.task(name=RECORD_TASK)
def record(harvest: dict[str, Any], worker: str) -> None:
    """A database that is away puts the harvest back into the queue (docs/celery.md: all else would lose it)."""
    try:
        recorder.record_or_set_aside(context(), harvest, worker)
    except StoreUnavailable as error:
        logger.warning("a harvest waits: %s", error)
        time.sleep(PAUSE_SECONDS)
        raise Reject(error, requeue=True) from error
