"""What happens to the fleet of the chaos benchmark: every few seconds one of these, chosen by a seed."""

import heapq
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from benchmarks.chaos_fleet import DATABASE_AWAY_SECONDS, LOGS, VISIBILITY_SECONDS, ChaosFleet, Part

LONGEST_DEATH_SECONDS = 5.0
PAUSE_SECONDS = VISIBILITY_SECONDS + 8.0
# Refusals are among them that have nothing to do with the pace: longer, and nobody would ask any more.
FAULTS_SECONDS = 4.0
FAULT_PROBABILITY = 0.05
ALTERED_EVERY_ENTRIES = 2000
ALTERED_AT_MOST = 40
KILL_WORKER, KILL_COORDINATOR, KILL_BEAT = "kill -9 of a worker", "kill -9 of a coordinator", "kill -9 of beat"
REDIS_KEPT, REDIS_LOST = "restart of Redis with its data", "restart of Redis without its data"
DATABASE_AWAY = f"stop of the database for {DATABASE_AWAY_SECONDS} s"
WORKER_PAUSED = f"SIGSTOP of a worker for {PAUSE_SECONDS:.0f} s"
LOG_FAULTS = f"all faults of the logs at 5 % for {FAULTS_SECONDS:.0f} s"


def log_faults(draw: random.Random, entries: int) -> list[dict[str, Any]]:
    """Every kind that a log knows at 5 %; one entry in about 2,000 is altered, another one each time."""
    plain = ("short", "unavailable", "reset", "cut", "html", "zero", "bad_signature", "throttle")
    rules: list[dict[str, Any]] = [{"kind": kind} for kind in plain]
    rules += [
        {"kind": "throttle", "retry_after": 1},
        {"kind": "too_many", "entries": 3},
        {"kind": "slow", "seconds": 1},
        {"kind": "lag", "entries": 1000},
    ]
    for rule in rules:
        rule["probability"] = FAULT_PROBABILITY
    for name, _, _, share in LOGS:
        count = int(entries * share)
        altered = draw.sample(range(count), min(1 + count // ALTERED_EVERY_ENTRIES, ALTERED_AT_MOST))
        rules += [{"kind": "alter", "log": name, "index": index, "probability": 1} for index in altered]
    return rules


class Chaos:
    """The events of one run. ``step()`` is called often; what an event has broken is mended by later steps."""

    def __init__(self, fleet: ChaosFleet, seed: int, every_seconds: float, *, with_data_loss: bool) -> None:
        self.fleet = fleet
        self.happened: Counter[str] = Counter()
        self._draw = random.Random(f"events {seed}")
        self._every_seconds = every_seconds
        self._next_at = time.monotonic() + every_seconds
        self._order = itertools.count()
        self._repairs: list[tuple[float, int, Callable[[], object]]] = []
        self._broken: set[str] = set()
        self._kinds: dict[str, Callable[[], bool]] = {
            KILL_WORKER: lambda: self._kill(fleet.workers),
            KILL_COORDINATOR: lambda: self._kill(fleet.coordinators),
            KILL_BEAT: lambda: self._kill([fleet.parts["beat"]]),
            REDIS_KEPT: self._restart_redis,
            REDIS_LOST: lambda: self._restart_redis(keep_data=False),
            DATABASE_AWAY: self._stop_database,
            WORKER_PAUSED: self._pause_worker,
            LOG_FAULTS: self._let_logs_fail,
        }
        if not with_data_loss:
            del self._kinds[REDIS_LOST]
        if fleet.database is None:
            del self._kinds[DATABASE_AWAY]

    def step(self) -> None:
        """Mend what is due, then let one thing happen if it is time."""
        now = time.monotonic()
        while self._repairs and self._repairs[0][0] <= now:
            heapq.heappop(self._repairs)[2]()
        if now >= self._next_at:
            self._next_at = now + self._every_seconds
            self._happen()

    def _happen(self) -> None:
        """One of the kinds that can happen now."""
        for kind in self._draw.sample(list(self._kinds), len(self._kinds)):
            if self._kinds[kind]():
                self.happened[kind] += 1
                return

    def end(self) -> None:
        """Mend all that is broken, at once."""
        while self._repairs:
            heapq.heappop(self._repairs)[2]()

    def _later(self, seconds: float, repair: Callable[[], object]) -> None:
        heapq.heappush(self._repairs, (time.monotonic() + seconds, next(self._order), repair))

    def _break(self, name: str, seconds: float, repair: Callable[[], object]) -> None:
        """Until it is mended nothing else happens to the thing of this name."""

        def mend() -> None:
            repair()
            self._broken.discard(name)

        self._broken.add(name)
        self._later(seconds, mend)

    def _one_of(self, parts: list[Part]) -> Part | None:
        whole = [part for part in parts if part.name not in self._broken]
        return self._draw.choice(whole) if whole else None

    def _kill(self, parts: list[Part]) -> bool:
        part = self._one_of(parts)
        if part is not None:
            part.kill()
            self._break(part.name, self._draw.uniform(1, LONGEST_DEATH_SECONDS), part.start)
        return part is not None

    def _pause_worker(self) -> bool:
        part = self._one_of(self.fleet.workers)
        if part is not None:
            part.pause()
            self._break(part.name, PAUSE_SECONDS, part.resume)
        return part is not None

    def _restart_redis(self, keep_data: bool = True) -> bool:
        self.fleet.redis.restart(keep_data)
        return True

    def _stop_database(self) -> bool:
        database = self.fleet.database
        if database is None or DATABASE_AWAY in self._broken:
            return False
        database.stop()
        self._break(DATABASE_AWAY, DATABASE_AWAY_SECONDS, database.start)
        return True

    def _let_logs_fail(self) -> bool:
        if LOG_FAULTS in self._broken:
            return False
        self.fleet.set_faults(log_faults(self._draw, self.fleet.entries))
        self._break(LOG_FAULTS, FAULTS_SECONDS, lambda: self.fleet.set_faults([]))
        return True
