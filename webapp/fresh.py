"""A value that is computed at most once in a while, however many threads ask for it, and hardly ever waited for."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")

# So long a reader waits for a newer value, if the last one took no longer; else that one will do, unless it is older
# than OLDEST_SECONDS.
PATIENCE_SECONDS = 0.02
OLDEST_SECONDS = 30.0
# A value whose version stands still is good for longer, but not for ever: a version does not tell of all that changes.
OLDEST_STILL_SECONDS = 600.0
# What takes long to compute is computed less often: a process spends at most one part in so many of its time on a
# value, and less on one of many.
SHARE_OF_TIME, SHARE_OF_TIME_OF_MANY = 50, 400
# Values that are computed at the same time in this process: each takes a connection to the database.
THREADS = 2


class Fresh(Generic[Value]):
    """What ``compute`` returns, not older than ``seconds`` when it is had at once. Thread-safe.

    ``compute`` must not wait for another value that is computed in the same ``threads``.

    Whoever finds it too old has it computed, in one of ``threads``; who asks meanwhile shares what comes of it. A
    computation that takes long keeps nobody waiting: the value of before is given as long as it is not too old, and a
    newer one is asked for long before. A failure is told to those who waited for it and to nobody else: the next one
    to ask tries again.
    """

    def __init__(
        self,
        compute: Callable[[], Value],
        seconds: float,
        threads: ThreadPoolExecutor,
        clock: Callable[[], float] = time.monotonic,
        share_of_time: int = SHARE_OF_TIME,
    ) -> None:
        self._compute, self._seconds, self._threads, self._clock = compute, seconds, threads, clock
        self._share_of_time = share_of_time
        self._lock = threading.Lock()
        self._computing: Future[Value] | None = None
        self._computed_at = self._fresh_until = -float("inf")
        # How long it took of late. Of two the shorter counts: the first time much else is done for the first time.
        self._times: deque[float] = deque(maxlen=2)
        self._has_failed = False
        self._version: Hashable = None
        self.last: Value | None = None  # the newest that there was, however old

    def get(self, is_patient: bool = False, version: Hashable = None) -> Value:
        """The value; what ``compute`` raises, when it fails. Who is patient waits for it however long it takes.

        As long as ``version``, when it is given, is that of the value's time, the value may be minutes old.
        """
        with self._lock:
            last, now = self.last, self._clock()
            is_still = version is not None and version == self._version
            oldest = OLDEST_STILL_SECONDS if is_still else OLDEST_SECONDS
            age = now - self._computed_at
            if last is not None and (now < self._fresh_until or (is_still and age < oldest / 2)):
                return last
            if self._computing is None:
                self._computing = self._threads.submit(self._renew, version)
            computing = self._computing
            is_needed = last is None or self._has_failed or age >= oldest
            is_slow = self._took() > PATIENCE_SECONDS
        try:
            return computing.result(None if is_patient or is_needed else 0.0 if is_slow else PATIENCE_SECONDS)
        except TimeoutError:
            if last is None or computing.done():  # it is what compute() itself has raised
                raise
            return last

    def _renew(self, version: Hashable) -> Value:
        begun_at = self._clock()
        try:
            value = self._compute()
        except BaseException:
            with self._lock:
                self._computing, self._has_failed = None, True
            raise
        with self._lock:
            self._times.append(self._clock() - begun_at)
            self._computing, self.last, self._computed_at, self._has_failed = None, value, begun_at, False
            self._version = version
            often = max(self._seconds, self._share_of_time * self._took())
            self._fresh_until = begun_at + min(often, OLDEST_SECONDS / 2)
        return value

    def _took(self) -> float:
        return min(self._times) if len(self._times) == 2 else 0.0


class FreshAnswers:
    """Values by their keys, each a Fresh; of more than ``most`` those go that nobody has asked for longest.

    Thread-safe. Keys may come from strangers: they cost no more than a computation each.
    """

    def __init__(self, most: int, threads: ThreadPoolExecutor) -> None:
        self._most, self._threads = most, threads
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, Fresh[Any]] = OrderedDict()

    def get(self, key: Hashable, compute: Callable[[], Value], seconds: float, version: Hashable = None) -> Value:
        """What ``compute`` returned for this key, as Fresh gives it; what it raises, when it fails."""
        with self._lock:
            new = Fresh(compute, seconds, self._threads, share_of_time=SHARE_OF_TIME_OF_MANY)
            fresh: Fresh[Value] = self._values.setdefault(key, new)
            self._values.move_to_end(key)
            if len(self._values) > self._most:
                self._values.popitem(last=False)
        return fresh.get(version=version)
