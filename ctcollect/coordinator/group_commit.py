"""Those who come while one group is worked on make up the next: the more come at a time, the larger their groups."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class GroupCommit(Generic[Item, Result]):
    """Callers' items are worked on in groups, one group at a time, in the thread of one of them.

    A group begins ``every_seconds`` after the one before, or as soon as it is ``enough`` items: who comes alone after a
    while waits for nobody, and many who come one by one share a group all the same. ``waiting`` are those of the next
    group.
    """

    def __init__(self, every_seconds: float = 0.0, enough: int = 1) -> None:
        self.waiting: list[tuple[Item, Future[Result]]] = []
        self.enough = enough
        self._every_seconds = every_seconds
        self._come = threading.Condition()
        self._turn = threading.Lock()
        self._begun_at = -math.inf

    def do(self, item: Item, work: Callable[[Sequence[Item]], Sequence[Result | Exception]]) -> Result:
        """What ``work`` gives for this item, which may be an exception, to be raised here."""
        future: Future[Result] = Future()
        with self._come:
            self.waiting.append((item, future))
            self._come.notify()
        with self._turn:
            if not future.done():
                _work_on(self._group(), work)
        return future.result()

    def _group(self) -> list[tuple[Item, Future[Result]]]:
        with self._come:
            wait_seconds = self._begun_at + self._every_seconds - time.monotonic()
            self._come.wait_for(lambda: len(self.waiting) >= self.enough, max(0.0, wait_seconds))
            self._begun_at = time.monotonic()
            group, self.waiting = self.waiting, []
        return group


def _work_on(
    group: Sequence[tuple[Item, Future[Result]]], work: Callable[[Sequence[Item]], Sequence[Result | Exception]]
) -> None:
    try:
        results = work([item for item, _ in group])
    except BaseException as error:
        for _, future in group:
            future.set_exception(error)
        return
    for (_, future), result in zip(group, results, strict=True):
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
