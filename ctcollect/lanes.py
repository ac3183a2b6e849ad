"""Lanes: each queue's share of a friend's worker. What one operator is slow in takes nothing from another.

A lane has threads of its own (ctcollect/lane_pool.py). A queue whose lane is full, whose rate or pace is spent, is left
out of what the worker asks the broker for: its messages stay there for others.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ctcollect.catalogue import operator_of, queues
from ctcollect.routing import FETCH_TASK_PREFIX

# A host that pauses for less has its tasks wait in their threads.
LONGEST_WAIT_SECONDS = 5.0


class TokenBucket:
    """``per_second`` tokens, of which two seconds' worth, and at least one, may be saved up."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self.capacity = max(1.0, 2 * per_second)
        self._tokens = self.capacity
        self._filled_at = time.monotonic()

    def tokens(self) -> float:
        now = time.monotonic()
        self._tokens = min(self.capacity, self._tokens + (now - self._filled_at) * self.per_second)
        self._filled_at = now
        return self._tokens

    def take(self) -> None:
        self._tokens = self.tokens() - 1


def never_paused(_queue: str) -> float:
    """No pause at all: what holds until somebody knows better."""
    return 0.0


@dataclass
class Lane:
    """At most ``limit`` tasks at a time, and no more a second than its bucket gives (None: no such limit).

    ``held`` counts the tasks that the lane's threads have, begun or not: whatever becomes of a task or of the
    connection, it is right, for it is the threads that count. Thread-safe.
    """

    queue: str
    limit: int
    bucket: TokenBucket | None
    held: int = field(default=0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def enter(self) -> None:
        with self._lock:
            self.held += 1

    def leave(self) -> None:
        with self._lock:
            self.held -= 1

    @property
    def busy(self) -> int:
        """How many of its threads are at work."""
        return min(self.held, self.limit)

    def has_room(self, ahead: int = 0) -> bool:
        """Whether one more task may come; ``ahead`` of them may wait for a thread."""
        return self.held < self.limit + ahead and (self.bucket is None or self.bucket.tokens() >= 1)

    def take(self) -> None:
        """The broker has delivered one task of this queue."""
        if self.bucket is not None:
            self.bucket.take()


@dataclass
class Lanes:
    """The lanes of this process by queue, and what else keeps one from taking work.

    ``pause_seconds(queue)`` is for how long the operator's hosts want no request, ``is_full()`` whether there is no
    room for what tasks bring; both are set by those who know (tasks/fetch.py) and must cost next to nothing.
    ``looks_ahead``: each thread has its next task at hand, for the broker is far away (ctcollect/distance.py).
    """

    lanes: dict[str, Lane] = field(default_factory=dict)
    pause_seconds: Callable[[str], float] = never_paused
    is_full: Callable[[], bool] = bool
    looks_ahead: bool = False
    is_closed: bool = field(default=False, init=False)

    def __contains__(self, queue: object) -> bool:
        return queue in self.lanes

    def __getitem__(self, queue: str) -> Lane:
        return self.lanes[queue]

    def of_task(self, task_name: str) -> Lane | None:
        """The lane of a fetch task; None for any other task."""
        before, prefix, queue = task_name.partition(FETCH_TASK_PREFIX)
        return self.lanes.get(queue) if prefix and not before else None

    def may_take(self, queue: str) -> bool:
        """Whether the broker may be asked for a task of ``queue``; always for a queue that is no lane."""
        if queue not in self.lanes:
            return True
        is_held = self.is_closed or self.is_full() or self.pause_seconds(queue) > LONGEST_WAIT_SECONDS
        lane = self.lanes[queue]
        return not is_held and lane.has_room(ahead=lane.limit if self.looks_ahead else 0)

    def close(self) -> None:
        """Take no more work."""
        self.is_closed = True

    def table(self) -> dict[str, dict[str, Any]]:
        """What ``celery inspect lanes`` shows: by queue, in JSON values."""
        return {
            lane.queue: {
                "busy": lane.busy,
                "limit": lane.limit,
                "tasks_per_second": lane.bucket and lane.bucket.per_second,
                "pause_seconds": round(self.pause_seconds(lane.queue), 1),
                "takes_work": self.may_take(lane.queue),
            }
            for lane in self.lanes.values()
        }


# The pool sets their limits when it starts.
LANES = Lanes({queue: Lane(queue, 1, TokenBucket(operator_of(queue).tasks_per_second)) for queue in queues()})


class LimitedCycle:
    """Kombu's order of queues, in turn, without those from which nothing can be taken now."""

    def __init__(self, names: Iterable[str] | None = None) -> None:
        self.names = list(names or [])

    def update(self, names: Iterable[str]) -> None:
        self.names[:] = list(names)

    def consume(self, count: int) -> list[str]:
        return [name for name in self.names if LANES.may_take(name)][:count]

    def rotate(self, last_used: str) -> None:
        """Called with the queue that has delivered."""
        if last_used in LANES:
            LANES[last_used].take()
        if last_used in self.names:
            self.names.append(self.names.pop(self.names.index(last_used)))
