"""The pace of requests to one host: starts low, rises while answers are good, halves when the host objects.

Additive increase and multiplicative decrease, as TCP does it (Chiu and Jain 1989). Limits of CT logs are per
client address and per host, not per log (docs/politeness), so one Pace serves all logs of a host.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

SLOWEST_PER_SECOND = 1 / 60
SHORTEST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 3600.0


@dataclass
class Pace:
    """Requests per second to one host from one address. Thread-safe; ``clock`` and ``sleep`` are for tests."""

    start_per_second: float
    ceiling_per_second: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    per_second: float = field(init=False)
    throttled_in_a_row: int = field(default=0, init=False)
    _next: float = field(default=0.0, init=False)
    _paused_until: float = field(default=0.0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self.per_second = min(self.start_per_second, self.ceiling_per_second)

    def wait(self, deadline: float) -> bool:
        """Sleep until the next request may leave; False, as soon as it is known, if that is after ``deadline``."""
        while (turn := self._next_turn(deadline)) <= deadline:
            if (seconds := turn - self.clock()) > 0:
                self.sleep(seconds)
            if turn >= self._paused_until:  # else the host objected to another's request in the meantime
                return True
        return False

    def _next_turn(self, deadline: float) -> float:
        """When the next request may leave. A turn before ``deadline`` is taken: nobody else gets it."""
        with self._lock:
            turn = max(self._next, self._paused_until, self.clock())
            if turn <= deadline:
                self._next = turn + 1 / self.per_second
            return turn

    def pause_seconds(self) -> float:
        """For how long the host still wants no request at all."""
        return max(0.0, self._paused_until - self.clock())

    def good(self) -> None:
        """A good answer: rise by a step that doubles the starting pace in about a hundred answers."""
        with self._lock:
            self.throttled_in_a_row = 0
            self.per_second = min(self.ceiling_per_second, self.per_second + self.start_per_second / 100)

    def throttled(self, retry_after_seconds: float | None = None) -> float:
        """The host objected: halve the pace and pause. Returns the pause in seconds.

        An objection that comes during a pause is to a request that left before it, and counts as the same.
        """
        with self._lock:
            now = self.clock()
            if now >= self._paused_until:
                self.throttled_in_a_row += 1
                self.per_second = max(SLOWEST_PER_SECOND, self.per_second / 2)
            pause = retry_after_seconds
            if pause is None:
                pause = SHORTEST_PAUSE_SECONDS * 2 ** min(self.throttled_in_a_row - 1, 12)
            pause = min(max(pause, SHORTEST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
            self._paused_until = max(self._paused_until, now + pause)
            return pause


@dataclass
class Paces:
    """One Pace a host, made when the host is first asked. ``sleep`` is how all of them wait."""

    sleep: Callable[[float], object] = time.sleep
    _paces: dict[str, Pace] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def of(self, host: str, start_per_second: float, ceiling_per_second: float) -> Pace:
        with self._lock:
            if host not in self._paces:
                self._paces[host] = Pace(start_per_second, ceiling_per_second, sleep=self.sleep)
            return self._paces[host]
