"""Writes that the database or the disk did not take: remembered here until it can be written that they failed."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from ctcollect.errors import DiskUnavailable, StoreUnavailable
from ctcollect.store import utc_now

DATABASE, DISK = "database", "disk"
# (how often, since when in UTC without zone)
Failures = tuple[int, datetime]


@dataclass
class Unwritten:
    """Failed writes of this process by what failed. Safe between threads."""

    _failures: dict[str, Failures] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, error: StoreUnavailable) -> None:
        """One more."""
        self._add({DISK if isinstance(error, DiskUnavailable) else DATABASE: (1, utc_now())})

    @contextmanager
    def handed_over(self) -> Iterator[Mapping[str, Failures]]:
        """What was noted so far, which is forgotten unless the block, in which it is to be written, fails as well."""
        with self._lock:
            failures, self._failures = self._failures, {}
        try:
            yield failures
        except BaseException:
            self._add(failures)
            raise

    def _add(self, failures: Mapping[str, Failures]) -> None:
        with self._lock:
            for part, (times, since) in failures.items():
                known, first_at = self._failures.get(part, (0, since))
                self._failures[part] = (known + times, min(first_at, since))
