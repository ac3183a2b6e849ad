"""The step of a worker's start that touches its heartbeat file (ctcollect/health.py reads it)."""

from typing import Any

from celery import bootsteps
from celery.worker.consumer.tasks import Tasks

from ctcollect.health import BEAT_EVERY_SECONDS, beat


class Heartbeat(bootsteps.StartStopStep):
    """Begins when the worker takes tasks, ends with its connection; the timer is that of the worker's own loop."""

    requires = (Tasks,)

    def __init__(self, consumer: Any, **options: Any) -> None:
        self._timer: Any = None
        super().__init__(consumer, **options)

    def start(self, consumer: Any) -> None:
        beat()
        self._timer = consumer.timer.call_repeatedly(BEAT_EVERY_SECONDS, beat)

    def stop(self, consumer: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    shutdown = stop
