"""The commands of Celery's remote control that a worker still obeys.

What could harm a friend's machine, or make it do other work than it was lent for, is taken away: to end or restart
the pool or the worker, to give it more threads, other queues or time limits, to have its memory or its settings
printed. Taking work away stays possible, and so does asking what a worker is busy with.
"""

from typing import Any

from celery.worker.control import Panel

OBEYED = frozenset(
    {
        "active",
        "active_queues",
        "cancel_consumer",
        "clock",
        "disable_events",
        "enable_events",
        "heartbeat",
        "hello",
        "ping",
        "query_task",
        "rate_limit",
        "registered",
        "reserved",
        "revoked",
        "scheduled",
        "stats",
        # Celery's other names for some of them
        "dump_active",
        "dump_reserved",
        "dump_revoked",
        "dump_schedule",
        "dump_tasks",
    }
)


def switch_off_harmful_commands() -> None:
    """Of Celery's own commands only OBEYED remain; the project's commands are not touched."""
    for name, handler in Panel.data.items():
        if handler.__module__.startswith("celery.") and name not in OBEYED:
            Panel.data[name] = _refuse


def _refuse(_state: Any, **_arguments: Any) -> dict[str, str]:
    """Answered like this nothing is printed here; a command that is not there would print a traceback."""
    return {"error": "a worker of ctcollect does not obey this command"}
