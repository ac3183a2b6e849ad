"""What a worker tells of itself with its heartbeats: its spool and its lanes. PURE; read as hostile input.

An event holds plain values alone (ctcollect/events.py), so each lane is a list of numbers. Nothing in it names a
machine, an address or a proxy.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ctcollect.catalogue import queues

# Five times as seldom as Celery's own: what it tells is written every few seconds at most, silence counts after 45, and
# one process hears hundreds of workers.
HEARTBEAT_SECONDS = 10.0
HIGHEST_BYTES = 2**50
HIGHEST_COUNT = 2**31
LANE_PREFIX = "lane_"
# The order of a lane's numbers, and how far each is believed.
LANE_LIMITS = {
    "busy": 10_000.0,
    "limit": 10_000.0,
    "requests_per_second": 1_000_000.0,
    "pause_seconds": 86_400.0,
}


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """Harvests that wait in the spool, their bytes, room for more (None: not known yet); lanes by queue.

    A lane has ``busy`` and ``limit`` (tasks under way, at most), ``requests_per_second`` (its hosts' present pace, 0.0
    while there is none) and ``pause_seconds`` (until its hosts want to be asked again).
    """

    spool_harvests: int
    spool_bytes: int
    spool_free_bytes: int | None
    lanes: dict[str, dict[str, float]]

    def to_event(self) -> dict[str, Any]:
        """As fields of a heartbeat."""
        lanes = {LANE_PREFIX + queue: [lane[name] for name in LANE_LIMITS] for queue, lane in self.lanes.items()}
        spool = {"spool_harvests": self.spool_harvests, "spool_bytes": self.spool_bytes}
        return spool | {"spool_free_bytes": self.spool_free_bytes} | lanes


def read_report(event: Mapping[str, Any]) -> WorkerReport | None:
    """The report in an event; None when it holds none. What makes no sense in it is left out, or cut to what does."""
    harvests, size = _whole(event.get("spool_harvests"), HIGHEST_COUNT), _whole(event.get("spool_bytes"), HIGHEST_BYTES)
    if harvests is None or size is None:
        return None
    lanes = {queue: _lane(event.get(LANE_PREFIX + queue)) for queue in queues()}
    known = {queue: lane for queue, lane in lanes.items() if lane is not None}
    return WorkerReport(harvests, size, _whole(event.get("spool_free_bytes"), HIGHEST_BYTES), known)


def _lane(value: object) -> dict[str, float] | None:
    if not isinstance(value, list) or len(value) != len(LANE_LIMITS):
        return None
    numbers = [_number(each, highest) for each, highest in zip(value, LANE_LIMITS.values(), strict=True)]
    sane = [round(number, 3) for number in numbers if number is not None]
    return dict(zip(LANE_LIMITS, sane, strict=True)) if len(sane) == len(LANE_LIMITS) else None


def _whole(value: object, highest: int) -> int | None:
    number = _number(value, highest)
    return None if number is None else int(number)


def _number(value: object, highest: float) -> float | None:
    """None for what is no number, or none that counts something; no more than ``highest``."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        return None
    return min(value, highest)
