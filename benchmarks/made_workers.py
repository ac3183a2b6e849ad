"""Friends' workers that do nothing but tell that they live, and report, as often as real ones do."""

import time

from celery.events import EventDispatcher

from ctcollect import __version__
from ctcollect.catalogue import queues
from ctcollect.celery import app
from ctcollect.worker_report import HEARTBEAT_SECONDS, WorkerReport


def tell(broker_url: str, count: int) -> None:
    """The heartbeats of ``count`` workers, evenly spread; in a process of its own, until it is ended."""
    app.conf.broker_url = broker_url
    with app.connection_for_write() as connection:
        names = [f"friend{number}@host" for number in range(count)]
        dispatchers = [EventDispatcher(connection, name, app=app, buffer_while_offline=False) for name in names]
        started, sent = time.monotonic(), 0
        while True:
            _beat(dispatchers[sent % count], sent)
            sent += 1
            time.sleep(max(0.0, started + sent * HEARTBEAT_SECONDS / count - time.monotonic()))


def _beat(dispatcher: EventDispatcher, sent: int) -> None:
    served = list(queues())
    lane = {"busy": 3, "limit": 4, "requests_per_second": 4.25, "pause_seconds": 0.0}
    report = WorkerReport(sent % 3, sent % 3 * 10_000, 2**34, dict.fromkeys(served, lane))
    known = {"sw_ident": "py-celery", "sw_ver": "5.7.0", "sw_sys": "Linux", "ctcollect": __version__, "archives": ""}
    told = known | {"queues": ",".join(served)} | report.to_event()
    dispatcher.send(
        "worker-heartbeat", freq=HEARTBEAT_SECONDS, active=4, processed=sent, loadavg=(0.5, 0.5, 0.5), **told
    )
