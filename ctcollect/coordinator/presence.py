"""Signs of life of the friends' workers, from Celery's heartbeats into the table of workers."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ctcollect.coordinator.clocks import Clocks
from ctcollect.coordinator.context import Context
from ctcollect.errors import StoreUnavailable
from ctcollect.harvest import worker_name
from ctcollect.holdings import parse_holdings, write_holdings
from ctcollect.store import utc_now
from ctcollect.store.credit import forget_hours
from ctcollect.store.status import forget_speeds
from ctcollect.store.workers import WorkerSign, mark_silent, note_signs
from ctcollect.worker_report import read_report

logger = logging.getLogger(__name__)

WRITE_EVERY_SECONDS = 5.0
KEEP_SIGNS_SECONDS = 3600.0
KEEP_PACE_SECONDS = 3600


@dataclass
class Signs:
    """The latest sign of each worker, written every five seconds; at once an arrival, a good-bye, other zip files.

    All are written each time, not only the new ones: a harvest that is recorded after its worker's good-bye
    counts as a sign of life until then.
    """

    context: Context
    clock: Callable[[], float] = time.monotonic
    _latest: dict[str, WorkerSign] = field(default_factory=dict)
    _clocks: Clocks = field(default_factory=Clocks)
    _written_at: float = -math.inf

    def note(self, event: dict[str, Any]) -> None:
        """A worker-online, worker-heartbeat or worker-offline event."""
        kind, name = event.get("type"), worker_name(event.get("hostname"))
        version, queues = str(event.get("ctcollect", "")), str(event.get("queues", ""))
        ahead, report = self._clocks.seconds_ahead(name, event), read_report(event)
        archives, is_there = write_holdings(parse_holdings(event.get("archives"))), kind != "worker-offline"
        sign = WorkerSign(name, utc_now(), is_there, version, queues, ahead, report, archives)
        before, self._latest[name] = self._latest.get(name), sign
        if kind != "worker-heartbeat" or (before and before.archives != archives):
            self.write()
        else:
            self.write_when_due()

    def write_when_due(self) -> None:
        if self.clock() - self._written_at > WRITE_EVERY_SECONDS:
            self.write()

    def write(self) -> None:
        """Also marks those that have fallen silent: beat, which tidies, may be away."""
        self._written_at = self.clock()
        self._forget_old()
        try:
            with self.context.store.transaction() as session:
                note_signs(session, self._latest.values())
                mark_silent(session)
        except StoreUnavailable as error:
            logger.debug("presence: %s", error)

    def _forget_old(self) -> None:
        now = utc_now()
        for name, sign in list(self._latest.items()):
            if (now - sign.seen_at).total_seconds() > KEEP_SIGNS_SECONDS:
                del self._latest[name]
                self._clocks.forget(name)


def tidy(context: Context) -> None:
    """Mark silent workers as not running; forget paces and hours that nobody asks for any more."""
    with context.store.transaction() as session:
        mark_silent(session)
        forget_speeds(session, older_than_seconds=KEEP_PACE_SECONDS)
        forget_hours(session)
