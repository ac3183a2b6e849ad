"""A thread of the coordinator's worker that looks after the friends' accounts, every second."""

import logging
import threading
from typing import Any

from celery.signals import worker_ready

from ctcollect.coordinator import accounts
from ctcollect.coordinator.account_care import AccountCare
from ctcollect.coordinator.context import context
from ctcollect.errors import CtcollectError
from ctcollect.transport import RESULT_LISTS
from ctcollect.worker import STOP

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


@worker_ready.connect
def start_looking(**_: Any) -> None:
    threading.Thread(target=_look, name="accounts", daemon=True).start()


def _look() -> None:
    """A database or a broker that is away is asked again; meanwhile the lists stay those that were known."""
    care = AccountCare(context())
    while not STOP.wait(LOOK_SECONDS):
        try:
            friends = accounts.restore(context())
            RESULT_LISTS.consume_from(friends)
            care.look(friends)
        except CtcollectError as error:
            logger.debug("accounts: %s", error)
        except Exception:  # whatever a friend has put there, the others are looked after
            logger.exception("accounts")
