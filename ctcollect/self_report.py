"""Puts a worker's report on itself (ctcollect/worker_report.py) into each of its heartbeats."""

from collections.abc import Callable, Iterable
from typing import Any

from celery.signals import heartbeat_sent
from celery.worker.state import SOFTWARE_INFO

from ctcollect.lanes import Lanes
from ctcollect.spool import Spool
from ctcollect.worker_report import WorkerReport

# What this process tells; nothing in a coordinator's worker, which fetches nothing.
_reports: list[Callable[[], WorkerReport]] = []


def report_with(report: Callable[[], WorkerReport]) -> None:
    """From now on every heartbeat tells what ``report`` says; it is called by the event loop and must not wait."""
    _reports[:] = [report]


# At import, for Celery looks once, when a worker begins, whether anybody listens to this signal.
@heartbeat_sent.connect
def tell(**_: Any) -> None:
    """Celery puts SOFTWARE_INFO into the heartbeat that follows."""
    for report in _reports:
        SOFTWARE_INFO.update(report().to_event())


def own_report(
    served: Iterable[str], lanes: Lanes, spool: Spool, requests_per_second: Callable[[str], float]
) -> WorkerReport:
    """How the lanes of the queues that are served, and the spool, are now."""
    told = {
        queue: {
            "busy": lanes[queue].busy,
            "limit": lanes[queue].limit,
            "requests_per_second": round(requests_per_second(queue), 3),
            "pause_seconds": round(lanes.pause_seconds(queue), 1),
        }
        for queue in served
    }
    return WorkerReport(*spool.waiting, spool.free_bytes, told)
