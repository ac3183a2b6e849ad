"""The Celery application that ``celery -A ctcollect`` finds."""

from celery import Celery

import ctcollect.start_checks
import ctcollect.worker  # noqa: F401 (the signals of both prepare every worker)

app = Celery("ctcollect")
app.config_from_object("celeryconfig")
