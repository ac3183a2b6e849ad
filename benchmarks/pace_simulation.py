"""A simulated log that refuses what goes beyond its limit, asked by the threads of workers with real Paces.

Only the clock is simulated: events in their order, no sleeping. The limit is a token bucket that saves up a second's
worth of requests, and at least one, as the local log's ``rate_limit`` does; answers take a random while.
"""

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from ctcollect.pace import Pace

LATENCY_SECONDS = (0.025, 0.075)


class Answered(NamedTuple):
    """One request, as the log sees it."""

    at: float
    is_good: bool


@dataclass
class Log:
    """Lets through ``per_second`` requests of all clients together; with ``retry_after`` a refusal names a time."""

    per_second: float
    retry_after: bool
    answered: list[Answered] = field(default_factory=list)
    _tokens: float = 1e9
    _filled_at: float = 0.0

    def ask(self, now: float) -> float | None:
        """None when the request is let through, else the seconds until one would be."""
        credit = max(1.0, self.per_second)
        self._tokens = min(credit, self._tokens + (now - self._filled_at) * self.per_second)
        self._filled_at = now
        self.answered.append(Answered(now, self._tokens >= 1))
        if self._tokens >= 1:
            self._tokens -= 1
            return None
        return (1 - self._tokens) / self.per_second


class Simulation:
    """``workers`` with as many threads each, which ask ``log`` whenever their pace lets them."""

    def __init__(self, log: Log, start_per_second: float, workers: int, seed: int, threads: int = 8) -> None:
        self.log = log
        self.now = 0.0
        self._random = random.Random(seed)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self.workers = []
        for number in range(workers):
            pace = Pace(start_per_second, 1e6, clock=lambda: self.now, draw=self._random.random)
            worker = _Worker(self, pace, threads)
            self.workers.append(worker)
            self.after(number * self._random.random() / start_per_second, worker.go_on)

    def after(self, seconds: float, event: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (self.now + seconds, self._count, event))

    def travel(self, event: Callable[[], None]) -> None:
        """``event`` after half an answer's time."""
        self.after(self._random.uniform(*LATENCY_SECONDS) / 2, event)

    def run(self, until: float) -> None:
        """All events up to this moment."""
        while self._events and self._events[0][0] <= until:
            self.now, _, event = heapq.heappop(self._events)
            event()
        self.now = until


@dataclass
class _Worker:
    """The threads of one worker: those that are idle wait for a turn, one at the head, as at a Gate."""

    simulation: Simulation
    pace: Pace
    idle: int
    is_waiting: bool = False

    def go_on(self) -> None:
        if self.idle and not self.is_waiting:
            self.is_waiting = True
            due = self.pace.due()
            self.simulation.after(due - self.simulation.now, lambda: self._leave(due))

    def _leave(self, due: float) -> None:
        self.is_waiting = False
        if self.pace.take(due):
            self.idle -= 1
            sent_at = self.simulation.now
            self.simulation.travel(lambda: self._arrive(sent_at))
        self.go_on()

    def _arrive(self, sent_at: float) -> None:
        wait = self.simulation.log.ask(self.simulation.now)
        self.simulation.travel(lambda: self._answer(sent_at, wait))

    def _answer(self, sent_at: float, wait: float | None) -> None:
        if wait is None:
            self.pace.good(self.simulation.now - sent_at)
        else:
            self.pace.throttled(float(math.ceil(wait)) if self.simulation.log.retry_after else None, sent_at)
        self.idle += 1
        self.go_on()


class Outcome(NamedTuple):
    """Shares: of the limit that was reached, and of the requests that were refused."""

    reached: float
    refused: float


def outcome(log: Log, start: float, end: float) -> Outcome:
    """What came of the requests of [start, end), in seconds, at the limit that the log has now."""
    asked = [each.is_good for each in log.answered if start <= each.at < end]
    return Outcome(sum(asked) / (log.per_second * (end - start)), asked.count(False) / max(len(asked), 1))
