"""A value that is computed at most once in a while, however many threads ask for it."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Fresh(Generic[Value]):
    """What ``compute`` returns, not older than ``seconds``. Thread-safe.

    Whoever finds it too old computes it; who asks meanwhile waits for that and shares what comes of it. A failure is
    told to those who waited for it and to nobody else: the next one to ask tries again.
    """

    def __init__(self, compute: Callable[[], Value], seconds: float, clock: Callable[[], float] = time.monotonic):
        self._compute, self._seconds, self._clock = compute, seconds, clock
        self._lock = threading.Lock()
        self._computing: Future[Value] | None = None
        self._fresh_until = -float("inf")
        self.last: Value | None = None  # the newest that there was, however old

    def get(self) -> Value:
        """The value; what ``compute`` raises, when it fails."""
        with self._lock:
            if self.last is not None and self._clock() < self._fresh_until:
                return self.last
            is_mine = self._computing is None
            computing = self._computing = self._computing or Future()
        if is_mine:
            self._settle(computing)
        return computing.result()

    def _settle(self, computing: Future[Value]) -> None:
        begun_at = self._clock()
        try:
            value = self._compute()
        except BaseException as error:
            self._put(None, 0)
            computing.set_exception(error)
        else:
            self._put(value, begun_at + self._seconds)
            computing.set_result(value)

    def _put(self, value: Value | None, fresh_until: float) -> None:
        with self._lock:
            self._computing = None
            if value is not None:
                self.last, self._fresh_until = value, fresh_until


class FreshAnswers:
    """Values by their keys, each a Fresh; of more than ``most`` those go that nobody has asked for longest.

    Thread-safe. Keys may come from strangers: they cost no more than a computation each.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, Fresh[Any]] = OrderedDict()

    def get(self, key: Hashable, compute: Callable[[], Value], seconds: float) -> Value:
        """What ``compute`` returned for this key at most ``seconds`` ago; what it raises, when it fails."""
        with self._lock:
            fresh: Fresh[Value] = self._values.setdefault(key, Fresh(compute, seconds))
            self._values.move_to_end(key)
            if len(self._values) > self._most:
                self._values.popitem(last=False)
        return fresh.get()
