"""Beat's tasks run again in some seconds: a fault is one line of warning, not a traceback, and not the end."""

import functools
import logging
from collections.abc import Callable

from ctcollect.errors import CtcollectError

logger = logging.getLogger(__name__)


def reporting_faults(task: Callable[[], None]) -> Callable[[], None]:
    """The task, with every CtcollectError logged as a line."""

    @functools.wraps(task)
    def run() -> None:
        try:
            task()
        except CtcollectError as error:
            logger.warning("%s: %s", task.__name__, error)

    return run
