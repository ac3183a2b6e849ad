"""The Celery application that ``celery -A ctcollect`` finds."""

from celery import Celery

import ctcollect.worker  # noqa: F401 (its signals prepare every worker)
from ctcollect.heartbeat import Heartbeat

app = Celery("ctcollect")
app.config_from_object("celeryconfig")
app.steps["consumer"].add(Heartbeat)
