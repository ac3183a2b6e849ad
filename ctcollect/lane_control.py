"""What the coordinator can tell a worker by Celery's remote control: limits of its lanes, and what is announced."""

import logging
import math
from typing import Any

from celery.utils.time import rate
from celery.worker import state as worker_state
from celery.worker.control import control_command, inspect_command, nok, ok
from celery.worker.control import rate_limit as rate_limit_of_task

from ctcollect.errors import CANT_BE_RIGHT, ClientTooOld
from ctcollect.lanes import LANES, TokenBucket
from ctcollect.progress_line import PROGRESS
from ctcollect.versions import check_version

logger = logging.getLogger(__name__)


@control_command(
    name="rate_limit",
    args=[("task_name", str), ("rate_limit", str)],
    signature="<task_name> <rate_limit (e.g., 5/s | 5/m | 5/h)>",
)
def limit_rate(state: Any, task_name: str, rate_limit: str | float | None, **_: Any) -> dict[str, str]:
    """Set how many tasks of a queue this worker takes, as 5/s, 5/m or 5/h; 0: no such limit, but that of its hosts.

    In the place of Celery's own, which would hold tasks back in memory and block the other queues (docs/celery.md).
    """
    lane = LANES.of_task(task_name)
    if lane is None or task_name not in state.app.tasks:
        answer: dict[str, str] = rate_limit_of_task(state, task_name, rate_limit)
        return answer
    try:
        per_second = float(rate(rate_limit))
    except (TypeError, ValueError, KeyError):
        per_second = math.nan
    if not 0 <= per_second < math.inf:
        return nok(f"{str(rate_limit)[:40]!r} is no rate: write 5/s, 5/m or 5/h")
    lane.bucket = TokenBucket(per_second) if per_second else None
    state.app.tasks[task_name].rate_limit = rate_limit  # where Celery and Flower look for it
    logger.info("%s is limited to %s", task_name, rate_limit or "nothing")
    return ok("new rate limit set successfully" if lane.bucket else "rate limit disabled successfully")


@inspect_command()
def lanes(state: Any) -> dict[str, dict[str, Any]]:
    """By queue of this worker: tasks under way, limits, pause, whether it takes work."""
    served = state.app.amqp.queues.consume_from
    return {queue: line for queue, line in LANES.table().items() if queue in served}


@control_command()
def announce(state: Any, ends_at: object = None, oldest_client: object = "", **_: Any) -> None:
    """What the coordinator tells all workers: when each log will be read, and which versions may take part."""
    PROGRESS.forecast.tell(ends_at)
    if set(LANES.lanes).isdisjoint(state.app.amqp.queues.consume_from):
        return
    try:
        check_version(oldest_client)
    except ClientTooOld as error:
        LANES.close()
        logger.error("%s", error)
        worker_state.should_stop = CANT_BE_RIGHT
