"""One line a lane that says what it has done, for the person whose machine it is."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from ctcollect.harvest import Harvest

NAME_CHARACTERS = 11
MAX_LOGS = 1000
MAX_NAME_CHARACTERS = 191
LONGEST_SECONDS = 10 * 365 * 86400.0
FANCY = {"Req": "🌐 ", "Uploaded": "📁 ", "JP": "🇯🇵 ", "Index": "📍 ", "ETA": "⏱️ "}


@dataclass(slots=True)
class Figures:
    """What one lane has done since its worker started. ``last_index`` is the last entry of ``log`` that is closed."""

    requests: int = 0
    throttled: int = 0
    entries: int = 0
    found: int = 0
    uploaded: int = 0
    last_index: int | None = None
    log: str = ""
    logs: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What beside its figures stands in a lane's line, where it is not 0: None when the log's end is not known."""

    seconds_left: float | None = None
    requests_per_second: float = 0.0
    spool_bytes: int = 0


@dataclass
class Forecast:
    """When each log will be read at the fleet's present speed, as the coordinator tells (Unix seconds, by name)."""

    _ends_at: dict[str, float] = field(default_factory=dict)

    def tell(self, ends_at: object) -> None:
        """Anything that does not make sense is left out: it comes over the network."""
        if not isinstance(ends_at, Mapping):
            return
        now = time.time()
        sane = {
            name: float(end)
            for name, end in list(ends_at.items())[:MAX_LOGS]
            if isinstance(name, str) and len(name) <= MAX_NAME_CHARACTERS and type(end) in (int, float)
        }
        self._ends_at = {name: end for name, end in sane.items() if end - now < LONGEST_SECONDS}

    def seconds_left(self, log: str) -> float | None:
        """None when nobody can tell."""
        end = self._ends_at.get(log)
        return None if end is None else max(0.0, end - time.time())


@dataclass
class Progress:
    """The figures of all lanes of this worker, by queue. Thread-safe."""

    lanes: dict[str, Figures] = field(default_factory=dict)
    forecast: Forecast = field(default_factory=Forecast)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def read(self, harvest: Harvest, log: str) -> None:
        """A piece of ``log`` has been read."""
        with self._lock:
            figures = self.lanes.setdefault(harvest.queue, Figures())
            figures.requests += harvest.requests
            figures.throttled += harvest.throttled
            figures.entries += len(harvest.span)
            figures.found += len(harvest.entries)
            if len(harvest.span):
                figures.last_index, figures.log = harvest.end - 1, log
                figures.logs.add(log)

    def uploaded(self, harvest: Harvest) -> None:
        """A harvest is with the coordinator's broker, perhaps one that a former run has kept."""
        with self._lock:
            self.lanes.setdefault(harvest.queue, Figures()).uploaded += len(harvest.entries)


# That of this process.
PROGRESS = Progress()


def progress_line(queue: str, lane: Figures, around: Surroundings, *, fancy: bool = True) -> str:
    """``google      🌐 Req: 574,476 | 📁 Uploaded: 72,310 | ...``; without signs beyond ASCII unless ``fancy``."""
    share = lane.found / lane.entries if lane.entries else 0.0
    parts = {
        "Req": f"{lane.requests:,}",
        "Uploaded": f"{lane.uploaded:,}",
        "JP": f"{lane.found:,} ({share:.3%})",
        "Index": "-" if lane.last_index is None else f"{lane.last_index:,}",
        "ETA": time_left(around.seconds_left),
    } | _extra_parts(lane, around)
    shown = (f"{FANCY.get(name, '') if fancy else ''}{name}: {value}" for name, value in parts.items())
    return f"{queue:<{NAME_CHARACTERS}} {' | '.join(shown)}"


def _extra_parts(lane: Figures, around: Surroundings) -> dict[str, str]:
    """What stands behind only when there is something to say."""
    parts = {
        "Log": lane.log if len(lane.logs) > 1 else "",
        "Pace": _pace(around.requests_per_second) if around.requests_per_second else "",
        "429": f"{lane.throttled:,}" if lane.throttled else "",
        "Spool": _size(around.spool_bytes) if around.spool_bytes else "",
    }
    return {name: value for name, value in parts.items() if value}


def time_left(seconds: float | None) -> str:
    """``34h 37m``, ``5m 12s``, ``-`` when unknown."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60:,}h {minutes % 60}m" if minutes >= 60 else f"{minutes}m {rest}s"


def _pace(per_second: float) -> str:
    return f"{per_second:,.2f}".rstrip("0").rstrip(".") + "/s"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:,.1f} MB" if size_bytes >= 2**20 else f"{max(1, round(size_bytes / 2**10)):,} kB"
