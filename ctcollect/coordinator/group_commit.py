"""Those who come while one group is worked on make up the next: the more come at a time, the larger their groups."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class GroupCommit(Generic[Item, Result]):
    """Callers' items are worked on in groups, one group at a time, in the thread of one of them.

    ``waiting`` are those of the next group.
    """

    def __init__(self) -> None:
        self.waiting: list[tuple[Item, Future[Result]]] = []
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def do(self, item: Item, work: Callable[[Sequence[Item]], Sequence[Result | Exception]]) -> Result:
        """What ``work`` gives for this item, which may be an exception, to be raised here. Nobody waits for company."""
        future: Future[Result] = Future()
        with self._lock:
            self.waiting.append((item, future))
        with self._turn:
            if not future.done():
                with self._lock:
                    group, self.waiting = self.waiting, []
                _work_on(group, work)
        return future.result()


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
