"""The logs' rows as they were a short while ago: enough for what of a log hardly ever changes."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ctcollect.errors import HarvestRefused
from ctcollect.models import LogRow
from ctcollect.store import Store
from ctcollect.store.logs import row_of

KEPT_SECONDS = 60.0


@dataclass
class KnownLogs:
    """For names and addresses; its counters and its head are old. Thread-safe."""

    clock: Callable[[], float] = time.monotonic
    _rows: dict[str, tuple[float, LogRow]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def row(self, store: Store, log_id: str) -> LogRow:
        """HarvestRefused when there is no such log."""
        with self._lock:
            asked_at, known = self._rows.get(log_id, (0.0, None))
        if known is not None and self.clock() - asked_at < KEPT_SECONDS:
            return known
        with store.reading() as session:
            found = row_of(session, log_id)
        if found is None:
            raise HarvestRefused(f"there is no log {log_id}")
        with self._lock:
            self._rows[log_id] = (self.clock(), found)
        return found
