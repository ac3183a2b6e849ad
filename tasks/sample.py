"""Beat's task that samples the collection's figures."""

from ctcollect.celery import app
from ctcollect.coordinator import sampler
from ctcollect.coordinator.context import context
from tasks.report_faults import reporting_faults


@app.task(name="ctcollect.sample")
@reporting_faults
def sample() -> None:
    sampler.sample(context())
