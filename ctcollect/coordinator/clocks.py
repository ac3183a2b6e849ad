"""By how much the clocks of the workers are ahead of the coordinator's, out of the time that each event bears."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from celery.utils.time import utcoffset

# An event may be late, never early: the one that took least of the last ones comes nearest to the truth.
EVENTS_LOOKED_AT = 5
SECONDS_AN_HOUR = 3600
HIGHEST_SECONDS = 1e9


@dataclass
class Clocks:
    """What the last events of each worker said."""

    _seen: dict[str, deque[float]] = field(default_factory=dict)

    def seconds_ahead(self, name: str, event: Mapping[str, Any]) -> float | None:
        """Count an event, as Celery's receiver gives it; None while no event told a time. Negative: it is behind."""
        ahead = _seconds_ahead(event)
        if ahead is not None:
            self._seen.setdefault(name, deque(maxlen=EVENTS_LOOKED_AT)).append(ahead)
        seen = self._seen.get(name)
        return round(max(seen), 1) if seen else None

    def forget(self, name: str) -> None:
        """The worker is gone."""
        self._seen.pop(name, None)


def _seconds_ahead(event: Mapping[str, Any]) -> float | None:
    """The receiver takes the two machines' time zones for a difference of their clocks, which is undone here."""
    try:
        zones_hours = float(event.get("utcoffset", utcoffset())) - utcoffset()
        ahead = float(event["timestamp"]) + zones_hours * SECONDS_AN_HOUR - float(event["local_received"])
    except (KeyError, OverflowError, TypeError, ValueError):
        return None
    return ahead if abs(ahead) <= HIGHEST_SECONDS else None
