"""How far a worker is from its broker, and what follows: a distant one has its next orders at hand."""

import time
from typing import Any

from celery import bootsteps

from ctcollect.lanes import LANES

# Handing a task back and fetching the next takes three round trips: of these a lane does not notice less.
NEAR_SECONDS = 0.01


class LookAhead(bootsteps.StartStopStep):
    """Each time a worker has connected: from a near broker it takes what it can begin and leaves the rest to others."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, parent: Any) -> None:
        LANES.looks_ahead = round_trip_seconds(parent.connection.default_channel.client) > NEAR_SECONDS


def round_trip_seconds(client: Any) -> float:
    """From a command to its answer, by a connection of redis-py that may have to be made before."""
    client.ping()
    asked_at = time.monotonic()
    client.ping()
    return time.monotonic() - asked_at
