"""Celery's threads pool, with threads of its own for each lane."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from celery.concurrency.base import BasePool, apply_target
from celery.concurrency.thread import ApplyResult

from ctcollect.lanes import LANES, Lane

OTHERS = "others"


class LanePool(BasePool):
    """``limit`` (``--concurrency``) threads for each lane, and as many for all tasks that are no fetch tasks.

    From then on ``limit`` is the sum over what this worker serves, as Celery expects of a pool.
    """

    body_can_be_buffer = True
    signal_safe = False

    def __init__(self, limit: int, *, app: Any, **options: Any) -> None:
        self.lane_limit = max(limit, 1)
        served = set(app.amqp.queues.consume_from)
        shares = len(served & set(LANES.lanes)) + bool(served - set(LANES.lanes))
        super().__init__(limit=self.lane_limit * max(shares, 1), app=app, **options)
        # Twice for the lanes, which may look ahead; a lane itself knows how many it takes now.
        self.most_tasks = self.limit + self.lane_limit * len(served & set(LANES.lanes))
        for lane in LANES.lanes.values():
            lane.limit = self.lane_limit
        self.executors = {name: ThreadPoolExecutor(self.lane_limit, name) for name in (*LANES.lanes, OTHERS)}

    def on_stop(self) -> None:
        """Wait for what runs; what has not begun goes back to the broker."""
        for executor in self.executors.values():
            executor.shutdown(wait=False, cancel_futures=True)
        for executor in self.executors.values():
            executor.shutdown()

    def on_apply(
        self,
        target: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any] | None = None,
        callback: Callable[..., Any] | None = None,
        accept_callback: Callable[..., Any] | None = None,
        **_: Any,
    ) -> ApplyResult:
        """``args[0]`` is the task's name."""
        lane = LANES.of_task(args[0])
        if lane is None:
            executor = self.executors[OTHERS]
        else:
            executor, target = self.executors[lane.queue], _counted(lane, target)
        return ApplyResult(executor.submit(apply_target, target, args, kwargs, callback, accept_callback))

    def _get_info(self) -> dict[str, Any]:
        threads = sum(len(executor._threads) for executor in self.executors.values())
        return super()._get_info() | {"max-concurrency": self.limit, "threads": threads, "lanes": LANES.table()}


def _counted(lane: Lane, target: Callable[..., Any]) -> Callable[..., Any]:
    """``target``, counted in its lane from now until it returns or raises.

    It leaves before Celery acknowledges, which wakes the event loop: that asks for the next task at once.
    """
    lane.enter()

    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return target(*args, **kwargs)
        finally:
            lane.leave()

    return run
