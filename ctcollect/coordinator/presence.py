"""Signs of life of the friends' workers, from Celery's heartbeats into the table of workers."""

import logging
import time
from datetime import UTC, datetime
from typing import Any

from ctcollect.coordinator.context import Context
from ctcollect.errors import StoreUnavailable
from ctcollect.store.status import forget_speeds
from ctcollect.store.workers import WorkerSign, mark_silent, note_signs

logger = logging.getLogger(__name__)

WRITE_EVERY_SECONDS = 5.0
KEEP_PACE_SECONDS = 3600


class Signs:
    """Gathers heartbeats and writes them every five seconds; an arrival or a good-bye is written at once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._latest: dict[str, WorkerSign] = {}
        self._written_at = 0.0

    def note(self, event: dict[str, Any]) -> None:
        """A worker-online, worker-heartbeat or worker-offline event."""
        kind, name = event.get("type"), str(event.get("hostname", ""))
        now = datetime.now(UTC).replace(tzinfo=None)
        version, queues = str(event.get("ctcollect", "")), str(event.get("queues", ""))
        self._latest[name] = WorkerSign(name, now, kind != "worker-offline", version, queues)
        if kind != "worker-heartbeat" or time.monotonic() - self._written_at > WRITE_EVERY_SECONDS:
            self._write()

    def _write(self) -> None:
        signs, self._latest, self._written_at = self._latest, {}, time.monotonic()
        try:
            with self.context.store.transaction() as session:
                note_signs(session, signs.values())
        except StoreUnavailable as error:
            logger.debug("presence: %s", error)


def tidy(context: Context) -> None:
    """Mark silent workers as not running; forget paces that nobody asks for any more."""
    with context.store.transaction() as session:
        mark_silent(session)
        forget_speeds(session, older_than_seconds=KEEP_PACE_SECONDS)
