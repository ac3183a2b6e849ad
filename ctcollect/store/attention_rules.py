"""The rules of what needs attention: each looks at the same situation and tells what it finds. No SQL.

A rule's docstring names its parameters. RULES is the table of all of them, by the code that pages know them by.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from ctcollect.models import LogRow, WorkerRow
from ctcollect.routing import RESULTS
from ctcollect.store.gauges import (
    BROKER_BYTES,
    DATABASE_DISK_USED,
    DISK_USED,
    RESULTS_BYTES,
    Gauge,
    waiting_in,
)
from ctcollect.store.incidents import AUDIT_FAILED, HEAD_REFUSED, HEAD_STEPPED_BACK, WRITE_FAILED, Incident
from ctcollect.store.serving import services
from ctcollect.store.trust import SUSPECT, UNTRUSTED

# Three samples that did not come, and some time for a coordinator that is being restarted.
SILENT_AFTER = timedelta(minutes=5)
ALMOST_FULL, ENOUGH_BYTES = 0.9, 20 * 2**30
# As ctcollect/clock.py lets the worker itself warn of.
CLOCK_WRONG_SECONDS = 30.0
# With one friend nobody can check anybody.
FRIENDS_FOR_CHECKS = 2


class Refused(NamedTuple):
    """How many harvests of a friend were set aside in the last day."""

    friend: str
    harvests: int
    first_at: datetime


class Matter(NamedTuple):
    """Something that needs attention; ``since`` (UTC without zone) is None when nobody knows."""

    since: datetime | None
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Situation:
    """All that rules look at. ``wanted`` is entries by log_id, ``sampled_at`` when a sample was last written."""

    now: datetime
    logs: Sequence[LogRow]
    wanted: Mapping[str, int]
    workers: Sequence[WorkerRow]
    gauges: Mapping[str, Gauge]
    incidents: Sequence[Incident]
    refused: Sequence[Refused]
    sampled_at: datetime | None
    are_checks_pending: bool

    def unfinished(self) -> Iterator[tuple[LogRow, int]]:
        """Each enabled log of which something is still to do, and how many entries."""
        for log in self.logs:
            left = self.wanted.get(log.log_id, 0) - log.entries_done
            if log.enabled and left > 0:
                yield log, left


def log_silent(situation: Situation) -> Iterator[Matter]:
    """{"log", "fault", "left"}: it does not answer, since it first did not, and is not given up yet."""
    for log, left in situation.unfinished():
        if log.reachable is False and log.unobtainable_since is None:
            yield Matter(log.reachable_since, {"log": log.name, "fault": log.last_fault, "left": left})


def log_unobtainable(situation: Situation) -> Iterator[Matter]:
    """{"log", "left"}: it has not answered for so long that it counts as gone."""
    for log, left in situation.unfinished():
        if log.unobtainable_since is not None:
            yield Matter(log.unobtainable_since, {"log": log.name, "left": left})


def _incidents(kind: str, subject: str, days: int) -> Callable[[Situation], Iterator[Matter]]:
    def rule(situation: Situation) -> Iterator[Matter]:
        for each in situation.incidents:
            if each.kind == kind and situation.now - each.last_at <= timedelta(days=days):
                last_at = each.last_at.replace(tzinfo=UTC).isoformat(timespec="seconds")
                yield Matter(each.first_at, {subject: each.subject, "times": each.times, "last_at": last_at})

    return rule


def friend_untrusted(situation: Situation) -> Iterator[Matter]:
    """{"friend", "false_deliveries"}: its harvests are refused."""
    return _with_trust(situation, UNTRUSTED)


def friend_suspect(situation: Situation) -> Iterator[Matter]:
    """{"friend", "false_deliveries"}: more of what it delivers is checked."""
    return _with_trust(situation, SUSPECT)


def _with_trust(situation: Situation, trust: str) -> Iterator[Matter]:
    false: dict[str, int] = {}
    for worker in situation.workers:
        if worker.trust == trust:
            false[worker.friend] = false.get(worker.friend, 0) + worker.bad_deliveries
    for friend, count in sorted(false.items()):
        yield Matter(None, {"friend": friend, "false_deliveries": count})


def clock_wrong(situation: Situation) -> Iterator[Matter]:
    """{"worker", "friend", "ahead_seconds"} (negative when it is behind), of a worker that runs."""
    for worker in situation.workers:
        ahead = worker.clock_ahead_seconds or 0.0
        if worker.running and abs(ahead) > CLOCK_WRONG_SECONDS:
            yield Matter(None, {"worker": worker.name, "friend": worker.friend, "ahead_seconds": round(ahead)})


def harvests_refused(situation: Situation) -> Iterator[Matter]:
    """{"friend", "harvests"} of the last day; of each worker a hundred a day are kept and counted."""
    for each in situation.refused:
        yield Matter(each.first_at, {"friend": each.friend, "harvests": each.harvests})


def _almost_full(name: str) -> Callable[[Situation], Iterator[Matter]]:
    def rule(situation: Situation) -> Iterator[Matter]:
        gauge = situation.gauges.get(name)
        if gauge is not None and gauge.share >= ALMOST_FULL and (gauge.maximum or 0) - gauge.value < ENOUGH_BYTES:
            yield Matter(None, {"used_bytes": gauge.value, "bytes": gauge.maximum})

    return rule


def nothing_sampled(situation: Situation) -> Iterator[Matter]:
    """{}: beat or the coordinator is away, or the database takes no writes; nothing is issued or recorded either."""
    if situation.sampled_at is None and any(situation.wanted.values()):
        yield Matter(None, {})
    elif situation.sampled_at is not None and situation.now - situation.sampled_at > SILENT_AFTER:
        yield Matter(situation.sampled_at, {})


def queue_unserved(situation: Situation) -> Iterator[Matter]:
    """{"queue", "left"}: there is work and no worker; since the last worker that served it was seen."""
    left: dict[str, int] = {}
    for log, entries in situation.unfinished():
        if not log.paused and log.unobtainable_since is None:
            left[log.queue] = left.get(log.queue, 0) + entries
    for queue, service in services(situation.workers, sorted(left)).items():
        if not service.workers:
            seen = [worker.last_seen for worker in situation.workers if queue in worker.queues.split(",")]
            yield Matter(max(seen, default=None), {"queue": queue, "left": left[queue]})


def no_second_opinions(situation: Situation) -> Iterator[Matter]:
    """{"friend"}: what the only friend who runs delivers waits for a second one to check it."""
    running = services(situation.workers, {log.queue for log in situation.logs})
    friends = set().union(*(service.friends for service in running.values()))
    if situation.are_checks_pending and 0 < len(friends) < FRIENDS_FOR_CHECKS:
        yield Matter(None, {"friend": min(friends)})


def harvests_undelivered(situation: Situation) -> Iterator[Matter]:
    """{"harvests", "bytes"}: more of them wait to be recorded than the settings allow; nothing is issued meanwhile."""
    count, size = situation.gauges.get(waiting_in(RESULTS)), situation.gauges.get(RESULTS_BYTES)
    if any(gauge is not None and gauge.share >= 1 for gauge in (count, size)):
        figures = {"harvests": count.value if count else None, "bytes": size.value if size else None}
        yield Matter(None, figures)


# Whole before parts, and what loses time or data before what only should be known.
RULES: Mapping[str, Callable[[Situation], Iterator[Matter]]] = MappingProxyType(
    {
        "nothing_sampled": nothing_sampled,
        # {"used_bytes", "bytes"} of the disk under the database, as far as this machine can see it.
        "database_almost_full": _almost_full(DATABASE_DISK_USED),
        # {"used_bytes", "bytes"} of the disk with the leaf files.
        "disk_almost_full": _almost_full(DISK_USED),
        # {"used_bytes", "bytes"} of what the broker may take.
        "broker_almost_full": _almost_full(BROKER_BYTES),
        # {"part" ("database" or "disk"), "times", "last_at"} if it failed in the last day.
        "write_failed": _incidents(WRITE_FAILED, "part", 1),
        "harvests_undelivered": harvests_undelivered,
        "queue_unserved": queue_unserved,
        # {"log", "times", "last_at"} if it did in the last week: what was delivered was not what the log has signed.
        "audit_failed": _incidents(AUDIT_FAILED, "log", 7),
        # The same of a head with a false signature, or that is not consistent with the one before.
        "head_refused": _incidents(HEAD_REFUSED, "log", 7),
        # The same of a head that was behind one that the log had signed before.
        "head_stepped_back": _incidents(HEAD_STEPPED_BACK, "log", 7),
        "log_silent": log_silent,
        "log_unobtainable": log_unobtainable,
        "friend_untrusted": friend_untrusted,
        "friend_suspect": friend_suspect,
        "harvests_refused": harvests_refused,
        "clock_wrong": clock_wrong,
        "no_second_opinions": no_second_opinions,
    }
)
