"""When the collection will be done, as a span with its basis."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from ctcollect.catalogue import work_order
from ctcollect.completion import REPLICATES, mean_speeds, quantiles, seconds_for, slowest
from ctcollect.models import HOUR, LogRow
from ctcollect.store.engine import utc_now
from ctcollect.store.entries import wanted_entries
from ctcollect.store.logs import all_logs
from ctcollect.store.serving import services
from ctcollect.store.speeds import Speeds, recent_speeds
from ctcollect.store.workers import all_workers

# Why a time can't be told. The first is the end; the next three are for a person to change, and the total is of the
# other logs; the last two hold for the total as well.
DONE = "done"
UNOBTAINABLE, DISABLED, PAUSED = "unobtainable", "disabled", "paused"
NOBODY_RUNS, NO_SPEED_YET = "nobody_runs", "no_speed_yet"
LEFT_OUT = (UNOBTAINABLE, DISABLED, PAUSED)
# What is left is all of logs that are left out.
NOTHING_ELSE = "all_left_out"


@dataclass(frozen=True, slots=True)
class Task:
    """``left`` entries of a log are not done; ``reason`` says why nobody can tell how long they take, "" if one can."""

    log: LogRow
    left: int
    reason: str


def forecast_document(session: Session) -> dict[str, Any]:
    """{"total": {...}, "logs": {name: {...}}, "basis": {...} or None} for all logs of which something is wanted.

    A time is {"p10_seconds", "p50_seconds", "p90_seconds", "reason"}: with a probability of 10, 50, 90 % the work is
    done by then. All are None when ``reason`` is not; one alone is None when in so many of the draws the work never
    ends. The total also has "queues" (to whom its reason belongs) and "left_out" ({"log", "reason"}).

    The logs of a queue are read in the order of work, one after another and side by side where one alone does not
    fill the queue; the queues are read in parallel. So each log is done when its queue has read it and all before it,
    at a speed drawn from what the queue did in the last hours, and the slowest log decides when all is done. That the
    workers of a queue which is done turn to another is not foreseen: the span is rather too late than too early.
    """
    tasks = _tasks(session)
    speeds = recent_speeds(session, {task.log.log_id: task.log.queue for task in tasks})
    means = mean_speeds(speeds.by_queue) if speeds else {}
    tasks = [_judged(task, means) for task in tasks]
    times = _times(tasks, means)
    logs = {task.log.name: _answer(task.reason, times.get(task.log.log_id)) for task in tasks}
    return {"total": _total(tasks, times), "logs": logs, "basis": _basis(speeds)}


def _tasks(session: Session) -> list[Task]:
    """In the order of work."""
    now, wanted = utc_now(), wanted_entries(session)
    logs = sorted(
        (log for log in all_logs(session) if log.log_id in wanted), key=lambda log: (*work_order(log, now), log.name)
    )
    serving = services(all_workers(session), {log.queue for log in logs})
    return [
        Task(log, wanted[log.log_id] - log.entries_done, _reason(log, wanted[log.log_id], serving[log.queue].workers))
        for log in logs
    ]


def _reason(log: LogRow, wanted: int, workers: int) -> str:
    reasons = {
        DONE: wanted <= log.entries_done,
        UNOBTAINABLE: log.unobtainable_since is not None,
        DISABLED: not log.enabled,
        PAUSED: log.paused,
        NOBODY_RUNS: not workers,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _judged(task: Task, means: Mapping[str, Sequence[float]]) -> Task:
    is_slow = not task.reason and not any(means.get(task.log.queue, ()))
    return Task(task.log, task.left, NO_SPEED_YET) if is_slow else task


def _times(tasks: Iterable[Task], means: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """By log_id, in each replicate the seconds until the log is done."""
    ahead: dict[str, int] = {}
    times = {}
    for task in tasks:
        if not task.reason:
            ahead[task.log.queue] = ahead.get(task.log.queue, 0) + task.left
            times[task.log.log_id] = seconds_for(ahead[task.log.queue], means[task.log.queue])
    return times


def _total(tasks: Sequence[Task], times: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    left_out = [{"log": task.log.name, "reason": task.reason} for task in tasks if task.reason in LEFT_OUT]
    reason = next((each for each in (NOBODY_RUNS, NO_SPEED_YET) if any(task.reason == each for task in tasks)), "")
    queues = sorted({task.log.queue for task in tasks if reason and task.reason == reason})
    if not reason and not times:
        reason = NOTHING_ELSE if left_out else DONE
    answer = _answer(reason, slowest(list(times.values())) if times and not reason else None)
    return answer | {"queues": queues, "left_out": left_out}


def _answer(reason: str, times: Sequence[float] | None) -> dict[str, Any]:
    known = quantiles(times)._asdict() if times else {"p10": math.inf, "p50": math.inf, "p90": math.inf}
    told = {f"{name}_seconds": round(value, 1) if value < math.inf else None for name, value in known.items()}
    return {**told, "reason": reason or None}


def _basis(speeds: Speeds | None) -> dict[str, Any] | None:
    if speeds is None:
        return None
    hours = round(speeds.blocks * speeds.block_seconds / HOUR, 2)
    return {
        "hours": hours,
        "blocks": speeds.blocks,
        "block_seconds": speeds.block_seconds,
        "samples": speeds.samples,
        "replicates": REPLICATES,
    }
