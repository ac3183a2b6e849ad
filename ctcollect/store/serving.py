"""Who serves which queue now."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ctcollect.models import WorkerRow
from ctcollect.store.trust import UNTRUSTED


@dataclass
class Service:
    """The workers that run and take orders from a queue, and whose they are."""

    workers: int = 0
    friends: set[str] = field(default_factory=set)


def services(workers: Iterable[WorkerRow], queues: Iterable[str]) -> dict[str, Service]:
    """By queue; friends who lost all trust serve none, whatever their workers say."""
    found = {queue: Service() for queue in queues}
    rows = list(workers)
    untrusted = {row.friend for row in rows if row.trust == UNTRUSTED}
    for row in rows:
        if row.running and row.friend not in untrusted:
            for queue in set(row.queues.split(",")) & found.keys():
                found[queue].workers += 1
                found[queue].friends.add(row.friend)
    return found
