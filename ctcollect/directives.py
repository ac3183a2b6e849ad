"""What the coordinator has told this worker: shares of hosts, paused logs. The newest word counts.

A word comes by broadcast at once, or with an order: an order that was issued later than a word of a broadcast takes its
place, one that was issued before does not. So a worker that missed a word learns it from its next orders, and old
orders that still wait in a queue change nothing. Moments are the coordinator's, in seconds since 1970.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from ctcollect.stop import Stop

Word = TypeVar("Word")

MOST_REMEMBERED = 1000


@dataclass
class Directives:
    """Thread-safe. No word can do more to this machine than let it ask less often, or not at all."""

    _shares: dict[str, tuple[float, float]] = field(default_factory=dict)
    # log_id -> since when it is paused, by the coordinator's clock.
    _pauses: dict[str, float] = field(default_factory=dict)
    _at_work: dict[str, set[Stop]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def set_share(self, host: str, per_second: float, said_at: float) -> float:
        """This worker's share of a host, 0.0 for none; returns the one that counts, which may be a newer one."""
        with self._lock:
            known, known_at = self._shares.get(host, (0.0, float("-inf")))
            if said_at < known_at:
                return known
            _remember(self._shares, host, (per_second, said_at))
            return per_second

    def pause(self, log_id: str, said_at: float) -> None:
        """Break off the work on a log, and do none that was ordered before this moment."""
        with self._lock:
            _remember(self._pauses, log_id, max(said_at, self._pauses.get(log_id, said_at)))
            at_work = list(self._at_work.get(log_id, ()))
        for stop in at_work:
            stop.set()

    def resume(self, log_id: str, said_at: float) -> None:
        with self._lock:
            if self._pauses.get(log_id, float("inf")) <= said_at:
                del self._pauses[log_id]

    def is_paused(self, log_id: str, ordered_at: float) -> bool:
        """Whether an order that was issued at this moment must wait."""
        with self._lock:
            return self._pauses.get(log_id, float("-inf")) >= ordered_at

    @contextmanager
    def working_on(self, log_id: str, stop: Stop) -> Iterator[None]:
        """``stop`` is set when the log is paused before the block ends."""
        with self._lock:
            self._at_work.setdefault(log_id, set()).add(stop)
        try:
            yield
        finally:
            with self._lock:
                self._at_work[log_id].discard(stop)
                if not self._at_work[log_id]:
                    del self._at_work[log_id]


def _remember(words: dict[str, Word], name: str, word: Word) -> None:
    """The oldest makes room: the number of hosts and logs is small, but whoever speaks is not trusted with memory."""
    words.pop(name, None)
    if len(words) >= MOST_REMEMBERED:
        del words[next(iter(words))]
    words[name] = word
