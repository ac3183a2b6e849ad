"""Which workers run: a thread of one coordinator's worker listens to the workers' events; beat tidies."""

import logging
import math
import threading
from typing import Any

from celery.events.receiver import EventReceiver
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down
from kombu.connection import Connection

from ctcollect.celery import app
from ctcollect.coordinator import presence
from ctcollect.coordinator.context import context
from ctcollect.store.guards import guard
from tasks.report_faults import reporting_faults

logger = logging.getLogger(__name__)

# Until a broker that went away is asked again, or whether the one who listens is still there.
RETRY_SECONDS = 2.0
END_SECONDS = 2.0
_stop = threading.Event()


@app.task(name="ctcollect.tidy")
@reporting_faults
def tidy() -> None:
    presence.tidy(context())


class Listener(EventReceiver):
    """Puts the workers' events into ``signs``. Once a second it looks whether something is to be written, though nobody
    says anything, and whether this worker ends."""

    def __init__(self, connection: Connection, signs: presence.Signs) -> None:
        handlers = {f"worker-{kind}": signs.note for kind in ("online", "heartbeat", "offline")}
        super().__init__(connection, handlers=handlers, app=app)
        self._signs = signs
        self._rounds = 0

    def on_iteration(self) -> None:
        self._rounds += 1
        # Who has just taken over knows of all at once. Before the first round it would not hear the answers.
        if self._rounds == 2:
            app.control.broadcast("heartbeat")
        self._signs.write_when_due()
        self.should_stop = _stop.is_set()


def _listen() -> None:
    """Listens until the worker stops, as the only one of several recorders: each would have to hear every event.

    A broker that goes away is asked again, and then nobody is heard.
    """
    signs = presence.Signs(context())
    while not _stop.is_set():
        try:
            with guard(context().store, "presence", math.inf) as is_ours:
                if is_ours:
                    with app.connection_for_read() as connection:
                        Listener(connection, signs).capture(wakeup=False)
        except Exception as error:  # whatever a broken connection raises, presence goes on
            logger.debug("presence: %s", error)
            signs.write_when_due()
        _stop.wait(RETRY_SECONDS)


_thread = threading.Thread(target=_listen, name="presence", daemon=True)


@worker_ready.connect
def start_listening(**_: Any) -> None:
    _thread.start()


@worker_shutting_down.connect
def stop_listening(**_: Any) -> None:
    _stop.set()


@worker_shutdown.connect
def give_back(**_: Any) -> None:
    """Another recorder, or this one when it starts again, may listen at once."""
    if _thread.is_alive():
        _thread.join(END_SECONDS)
