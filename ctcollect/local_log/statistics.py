"""Counters of a local log server."""

from collections import Counter
from collections.abc import Iterable
from threading import Lock
from typing import Any

from ctcollect.local_log.messages import Answer, Request

BROKEN = "broken"


class Statistics:
    """Counts requests, entries served and answers by status, in sum and by log; shared by all threads."""

    def __init__(self, names: Iterable[str]) -> None:
        self._lock = Lock()
        self._entries = dict.fromkeys(names, 0)
        self._statuses: dict[str, Counter[str]] = {name: Counter() for name in self._entries}
        self._endpoints: dict[str, Counter[str]] = {name: Counter() for name in self._entries}

    def count(self, request: Request, answer: Answer) -> None:
        """An answer cut off or reset counts as "broken", and its entries not at all."""
        is_broken = answer.reset or answer.cut_at is not None
        with self._lock:
            self._entries[request.log.name] += 0 if is_broken else answer.entries
            self._statuses[request.log.name][BROKEN if is_broken else str(int(answer.status))] += 1
            self._endpoints[request.log.name][request.endpoint] += 1

    def document(self) -> dict[str, Any]:
        """``{"requests", "entries", "statuses": {"200": n}, "endpoints", "logs": {name: same}}``."""
        with self._lock:
            logs = {
                name: _document(entries, self._statuses[name], self._endpoints[name])
                for name, entries in self._entries.items()
            }
            total = _document(
                sum(self._entries.values()),
                sum(self._statuses.values(), Counter()),
                sum(self._endpoints.values(), Counter()),
            )
        return {**total, "logs": logs}


def _document(entries: int, statuses: Counter[str], endpoints: Counter[str]) -> dict[str, Any]:
    return {
        "requests": statuses.total(),
        "entries": entries,
        "statuses": dict(statuses),
        "endpoints": dict(endpoints),
    }
