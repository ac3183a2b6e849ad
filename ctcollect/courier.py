"""Brings harvests to the coordinator: at once when the broker takes them, else out of the spool, later."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ctcollect.errors import BrokerUnavailable, HarvestRefused
from ctcollect.harvest import Harvest
from ctcollect.spool import Spool
from ctcollect.stop import Stop

logger = logging.getLogger(__name__)

SHORTEST_WAIT_SECONDS = 0.05


@dataclass(frozen=True)
class Courier:
    """``deliver(harvest, worker)`` raises BrokerUnavailable when the broker is away or refuses."""

    deliver: Callable[[Harvest, str], None]
    spool: Spool
    stop: Stop

    def send(self, harvest: Harvest, worker: str) -> None:
        """Deliver a harvest or keep it: in both cases it is safe when this returns."""
        try:
            self.deliver(harvest, worker)
        except BrokerUnavailable as error:
            seconds = self.spool.retry_seconds
            logger.warning("The harvest %s is kept and tried again every %g s: %s", harvest.span, seconds, error)
            self.spool.put({"harvest": harvest.to_json(), "worker": worker})

    def start(self) -> None:
        """Deliver, in a thread of its own until the stop, what is kept, also by a former run."""
        self.spool.look()
        threading.Thread(target=self._run, name="courier", daemon=True).start()

    def _run(self) -> None:
        seconds = 0.0
        while not self.stop.wait(max(seconds, SHORTEST_WAIT_SECONDS)):
            seconds = self.spool.deliver_next(self._deliver_kept)

    def _deliver_kept(self, document: dict[str, Any]) -> None:
        """HarvestRefused for a document that send() has not kept, or an older version of it."""
        worker = document.get("worker")
        if not isinstance(worker, str):
            raise HarvestRefused("it names no worker")
        self.deliver(Harvest.from_json(document.get("harvest")), worker)
