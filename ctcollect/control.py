"""Celery's remote control: what the coordinator can tell running workers, beside Celery's own commands.

None of these can harm a friend's machine: they make a worker ask less often, or not at all.
"""

import math
from typing import Any

from celery.worker.control import control_command

from ctcollect.collect import Collector
from ctcollect.rates import is_rate

NAME_CHARACTERS = 255

# The collector of this process, if it has one: a coordinator's worker fetches nothing.
_collectors: list[Collector] = []


def obey(collector: Collector) -> Collector:
    """From now on the commands reach ``collector``."""
    _collectors[:] = [collector]
    return collector


@control_command(args=[("host", str), ("per_second", float), ("said_at", float)])
def set_pace(_state: Any, host: object, per_second: object, said_at: object) -> dict[str, str]:
    """This worker's share of a host, as of ``said_at`` (seconds since 1970); 0.0 for none."""
    if not (_is_name(host) and is_rate(per_second) and _is_moment(said_at)):
        return {"error": "set_pace needs a host, a rate and a moment"}
    for collector in _collectors:
        collector.keep_to_share(host, per_second, said_at)  # type: ignore[arg-type]
    return {"ok": "kept to"}


@control_command(args=[("log_id", str), ("said_at", float)])
def pause_log(_state: Any, log_id: object, said_at: object) -> dict[str, str]:
    """Break off the orders of a log that were issued before ``said_at``, and hand back those that still come."""
    return _tell(log_id, said_at, "pause")


@control_command(args=[("log_id", str), ("said_at", float)])
def resume_log(_state: Any, log_id: object, said_at: object) -> dict[str, str]:
    """Forget the pause of a log."""
    return _tell(log_id, said_at, "resume")


def _tell(log_id: object, said_at: object, word: str) -> dict[str, str]:
    if not (_is_name(log_id) and _is_moment(said_at)):
        return {"error": f"{word}_log needs a log_id and a moment"}
    for collector in _collectors:
        getattr(collector.directives, word)(log_id, said_at)
    return {"ok": word}


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= NAME_CHARACTERS


def _is_moment(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]
