"""Beat's task that fills the queues."""

from ctcollect.celery import app
from ctcollect.coordinator import feeder
from ctcollect.coordinator.context import context
from tasks.report_faults import reporting_faults


@app.task(name="ctcollect.feed")
@reporting_faults
def feed() -> None:
    feeder.feed(context())
