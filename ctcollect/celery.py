"""The Celery application that ``celery -A ctcollect`` finds."""

from celery import Celery

import ctcollect.lane_control
import ctcollect.own_name
import ctcollect.start_checks
import ctcollect.worker  # noqa: F401 (its signals prepare every worker)
from ctcollect import command_line
from ctcollect.clock import ClockCheck
from ctcollect.distance import LookAhead
from ctcollect.heartbeat import Heartbeat

app = Celery("ctcollect")
app.config_from_object("celeryconfig")
command_line.add_to(app)
app.steps["consumer"].update({ClockCheck, Heartbeat, LookAhead})
