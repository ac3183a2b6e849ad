"""Beat's task that asks the logs for their heads."""

import logging

from ctcollect.celery import app
from ctcollect.coordinator import planner
from ctcollect.coordinator.context import context
from tasks.report_faults import reporting_faults

logger = logging.getLogger(__name__)


@app.task(name="ctcollect.plan")
@reporting_faults
def plan() -> None:
    for name, fault in planner.refresh_heads(context()).items():
        logger.warning("%s: %s", name, fault)
