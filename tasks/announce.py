"""Beat's task that tells the workers what they can't know by themselves."""

from ctcollect.celery import app
from ctcollect.coordinator import announcement
from ctcollect.coordinator.context import context
from tasks.report_faults import reporting_faults


@app.task(name="ctcollect.announce")
@reporting_faults
def announce() -> None:
    announcement.announce(context())
