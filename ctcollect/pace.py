"""When a request to a host may leave, and by which way out: a Pace for each egress, a Gate for each host.

Limits of CT logs are per client address and per host, not per log (docs/politeness.md), so one Gate serves all
logs of a host, and each address has a Pace of its own. How fast it goes: adaptive_rate.py.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from ctcollect.adaptive_rate import AdaptiveRate
from ctcollect.egress import DIRECT, Egress
from ctcollect.latency import LatencyGradient

SHORTEST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 3600.0
# Without a word from the host, so many of the steps that were too short.
PAUSE_STEPS = 1.5
# Clients that were refused together should not come back together (Brooker, Exponential Backoff And Jitter).
JITTER = 0.1
FIRST_REST_SECONDS = 5.0
LONGEST_REST_SECONDS = 600.0
LOOK_AGAIN_SECONDS = 0.2

Clock = Callable[[], float]
Wait = Callable[[float], object]


@dataclass
class Pace:
    """Requests per second to one host by one egress. Thread-safe; ``clock`` and ``draw`` are for tests.

    Whoever has a turn from take() says in the end what became of it: good(), throttled(), unreachable() or nothing.
    """

    start_per_second: float
    ceiling_per_second: float
    egress: Egress = DIRECT
    clock: Clock = time.monotonic
    draw: Callable[[], float] = random.random
    throttled_in_a_row: int = field(default=0, init=False)
    rests_in_a_row: int = field(default=0, init=False)
    _next: float = field(default=0.0, init=False)
    _paused_until: float = field(default=0.0, init=False)
    _refused_at: float = field(default=float("-inf"), init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self._rate = AdaptiveRate(self.start_per_second, self.ceiling_per_second)
        self._latency = LatencyGradient()

    @property
    def per_second(self) -> float:
        return self._rate.per_second

    def set_ceiling(self, per_second: float) -> None:
        """Never go over ``per_second`` from now on."""
        with self._lock:
            self.ceiling_per_second = per_second
            self._rate.set_ceiling(per_second)

    def due(self) -> float:
        """When the next request may leave; now, when it may at once."""
        return max(self._next, self._paused_until, self.clock())

    def take(self, due: float) -> bool:
        """Take the turn at ``due``; False when the host has objected since that was told."""
        with self._lock:
            if due < self._paused_until:
                return False
            self._next = due + 1 / self.per_second
            return True

    def good(self, latency_seconds: float | None = None) -> None:
        """A good answer, which began after so long: rise by its part of a step, unless answers take ever longer."""
        with self._lock:
            self.throttled_in_a_row = self.rests_in_a_row = 0
            self._rate.good(self.clock())
            if latency_seconds is not None and self._latency.is_rising(latency_seconds):
                self._rate.slow_down()

    def throttled(self, retry_after_seconds: float | None = None, sent_at: float | None = None) -> float:
        """The host objected: halve the pace and pause. Returns the pause in seconds.

        An objection to a request that left before the last one, or that comes during the pause, is the same one.
        """
        with self._lock:
            now = self.clock()
            is_new = now >= self._paused_until and (sent_at is None or sent_at > self._refused_at)
            if is_new:
                self.throttled_in_a_row += 1
                self._refused_at = now
            pause = self._pause_seconds(retry_after_seconds)
            if is_new:
                self._rate.refused(now, min(retry_after_seconds or 0.0, LONGEST_PAUSE_SECONDS))
            self._paused_until = max(self._paused_until, now + pause)
            self._next = 0.0  # the pause is the distance to the last one
            return pause

    def _pause_seconds(self, asked: float | None) -> float:
        backed_off = SHORTEST_PAUSE_SECONDS * 2.0 ** min(max(self.throttled_in_a_row - 1, 0), 12)
        if asked is None:
            asked = PAUSE_STEPS / self.per_second
        pause = min(max(asked, backed_off), LONGEST_PAUSE_SECONDS)
        return min(pause * (1 + JITTER * self.draw()), LONGEST_PAUSE_SECONDS)

    def unreachable(self) -> float:
        """The proxy failed: rest it, twice as long each time, up to ten minutes. Returns the rest in seconds."""
        with self._lock:
            now = self.clock()
            if now >= self._paused_until:
                self.rests_in_a_row += 1
                rest = min(FIRST_REST_SECONDS * 2.0 ** min(self.rests_in_a_row - 1, 12), LONGEST_REST_SECONDS)
                self._paused_until = now + rest
            return self._paused_until - now


@dataclass
class Gate:
    """The way to one host: whose turn comes first goes first, and no more than ``in_flight`` are out (0: any number).

    Turns are given one by one to whoever waits at the head, so that each is as early as the pace is at that moment.
    """

    paces: Sequence[Pace]
    in_flight: int = 0
    keep_alive: bool = True
    clock: Clock = time.monotonic
    _share_per_second: float = field(default=0.0, init=False)
    _head: threading.Semaphore = field(default_factory=threading.Semaphore, init=False, repr=False)

    def __post_init__(self) -> None:
        self._ceilings = [pace.ceiling_per_second for pace in self.paces]
        self._slots = threading.BoundedSemaphore(self.in_flight or 2**31)

    def keep_to(self, share_per_second: float) -> None:
        """Ask this host at most so often, by all egresses together; 0.0: as often as their own ceilings allow."""
        if share_per_second == self._share_per_second:
            return
        self._share_per_second = share_per_second
        for pace, ceiling in zip(self.paces, self._ceilings, strict=True):
            pace.set_ceiling(min(ceiling, share_per_second / len(self.paces)) if share_per_second else ceiling)

    @property
    def is_resting(self) -> bool:
        """Every egress has failed, and is to be tried again later."""
        return all(pace.rests_in_a_row for pace in self.paces)

    def due(self) -> float:
        """When the next request may leave, by the clock of the paces."""
        return min(pace.due() for pace in self.paces)

    @contextmanager
    def turn(self, deadline: float, wait: Wait = time.sleep) -> Iterator[Pace | None]:
        """A turn and a place among those in flight, until the block ends; None when there is none by ``deadline``.

        ``wait`` pauses for so many seconds, or less; when it says True, the waiting has lost its sense.
        """
        if not self._acquire(self._slots, deadline, wait):
            yield None
            return
        try:
            yield self._take(deadline, wait)
        finally:
            self._slots.release()

    def _take(self, deadline: float, wait: Wait) -> Pace | None:
        if not self._acquire(self._head, deadline, wait):
            return None
        try:
            while True:
                pace = min(self.paces, key=Pace.due)
                due = pace.due()
                if due > deadline:
                    return None
                if (seconds := due - self.clock()) > 0 and wait(seconds) is True:
                    return None
                if pace.take(due):
                    return pace
        finally:
            self._head.release()

    def _acquire(self, semaphore: threading.Semaphore, deadline: float, wait: Wait) -> bool:
        """Wait for a semaphore, looking now and then whether that still makes sense."""
        while not semaphore.acquire(timeout=LOOK_AGAIN_SECONDS):
            if self.clock() > deadline or wait(0.0) is True:
                return False
        return True


@dataclass
class Gates:
    """One Gate a host. Thread-safe."""

    _gates: dict[str, Gate] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def of(self, host: str, make: Callable[[], Gate]) -> Gate:
        """The Gate of ``host``, made when it is first asked."""
        with self._lock:
            if host not in self._gates:
                self._gates[host] = make()
            return self._gates[host]

    def known(self, host: str) -> Gate | None:
        """The Gate of a host that was asked before."""
        with self._lock:
            return self._gates.get(host)
