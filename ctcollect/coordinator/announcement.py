"""What the coordinator tells all workers now and then: when each log will be read, which versions may take part."""

import time
from typing import Any

from ctcollect.coordinator.context import Context
from ctcollect.store.status import seconds_left


def announcement(context: Context) -> dict[str, Any]:
    """{"ends_at": {log name: Unix seconds}, "oldest_client": version or ""}; logs at rest are not in it."""
    with context.store.reading() as session:
        left = seconds_left(session)
    now = time.time()
    ends_at = {name: round(now + seconds) for name, seconds in left.items()}
    return {"ends_at": ends_at, "oldest_client": context.settings.oldest_client}


def announce(context: Context) -> None:
    """By remote control and not with orders: those wait in their queues, and a friend could forge them."""
    context.broker.announce(announcement(context))
