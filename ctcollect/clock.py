"""A worker's clock beside the broker's: Redis hands tasks out again by the time that workers note."""

import logging
import time
from typing import Any

from celery import bootsteps
from celery.exceptions import WorkerShutdown
from redis.exceptions import ResponseError

from ctcollect.errors import CANT_BE_RIGHT
from ctcollect.settings import load

logger = logging.getLogger(__name__)

WARN_SECONDS = 30.0


class ClockCheck(bootsteps.StartStopStep):
    """Each time a worker has connected: warn of a clock that is wrong, end when it would have work done twice.

    A worker notes when it took a task; what is noted longer ago than the visibility timeout is handed out again. A
    clock that is slow by half of that leaves a task too little time, one that is fast keeps a lost one away as long.
    """

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, parent: Any) -> None:
        try:
            ahead = seconds_ahead(parent.connection.default_channel.client)
        except ResponseError as error:
            logger.debug("the broker does not tell its time: %s", error)
            return
        allowed = load().visibility_timeout_seconds / 2
        line = f"This machine's clock is {abs(ahead):,.0f} s {'ahead of' if ahead > 0 else 'behind'} the broker's"
        if abs(ahead) > allowed:
            logger.error("%s. With more than %g s work would be done twice: set it, then start again.", line, allowed)
            raise WorkerShutdown(CANT_BE_RIGHT)
        if abs(ahead) > min(WARN_SECONDS, allowed / 2):
            logger.warning("%s: please set it.", line)


def seconds_ahead(client: Any) -> float:
    """By how much this machine's clock is ahead of that of the Redis behind ``client``."""
    asked_at = time.time()
    seconds, microseconds = client.time()
    return (asked_at + time.time()) / 2 - (seconds + microseconds / 1e6)
