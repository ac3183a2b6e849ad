"""Beat's task that looks which logs can be reached."""

import logging

from ctcollect.celery import app
from ctcollect.coordinator import prober
from ctcollect.coordinator.context import context
from tasks.report_faults import reporting_faults

logger = logging.getLogger(__name__)


@app.task(name="ctcollect.probe")
@reporting_faults
def probe() -> None:
    for line in prober.probe(context()):
        logger.warning("%s", line)
