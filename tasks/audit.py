"""Beat's task that proves finished ranges."""

from ctcollect.celery import app
from ctcollect.coordinator import auditor
from ctcollect.coordinator.context import context
from tasks.report_faults import reporting_faults


@app.task(name="ctcollect.audit")
@reporting_faults
def audit() -> None:
    auditor.audit(context())
