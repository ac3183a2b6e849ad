"""Which workers run: a thread of the coordinator's worker listens to the workers' events; beat tidies."""

import logging
import threading
from typing import Any

from celery.signals import worker_ready, worker_shutting_down

from ctcollect.celery import app
from ctcollect.coordinator import presence
from ctcollect.coordinator.context import context
from tasks.report_faults import reporting_faults

logger = logging.getLogger(__name__)

RECONNECT_SECONDS = 2.0
_stop = threading.Event()


@app.task(name="ctcollect.tidy")
@reporting_faults
def tidy() -> None:
    presence.tidy(context())


@worker_ready.connect
def start_listening(**_: Any) -> None:
    threading.Thread(target=_listen, name="presence", daemon=True).start()


@worker_shutting_down.connect
def stop_listening(**_: Any) -> None:
    _stop.set()


def _listen() -> None:
    """Listens until the worker stops; a broker that goes away is asked again, and then nobody is heard."""
    signs = presence.Signs(context())
    while not _stop.is_set():
        try:
            with app.connection_for_read() as connection:
                handlers = {f"worker-{kind}": signs.note for kind in ("online", "heartbeat", "offline")}
                app.events.Receiver(connection, handlers=handlers).capture(timeout=None, wakeup=True)
        except Exception as error:  # whatever a broken connection raises, presence goes on
            logger.debug("presence: %s", error)
            signs.write_when_due()
            _stop.wait(RECONNECT_SECONDS)
