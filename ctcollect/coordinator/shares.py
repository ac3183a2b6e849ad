"""The ceiling of the whole fleet for each host, divided over the workers that run."""

import time
from dataclasses import dataclass

from ctcollect.coordinator.context import Context
from ctcollect.errors import ConfigurationError
from ctcollect.host_gates import host_of, policy_of
from ctcollect.store import Session
from ctcollect.store.host_paces import host_paces, running_workers, set_host_pace, take_back_host_pace
from ctcollect.store.logs import all_logs


@dataclass(frozen=True, slots=True)
class Share:
    """``ceiling_per_second`` of all workers together, 0.0 for none; ``is_set`` when it is not the catalogue's."""

    host: str
    queues: tuple[str, ...]
    ceiling_per_second: float
    is_set: bool
    workers: int

    @property
    def per_second(self) -> float:
        """What each worker may ask: the whole while only one runs, or none that anybody knows of."""
        return self.ceiling_per_second / max(self.workers, 1)


def shares(session: Session) -> dict[str, Share]:
    """The share of each host with a known log, by host."""
    queues: dict[str, set[str]] = {}
    ceilings: dict[str, float] = {}
    for log in all_logs(session):
        host = host_of(log.read_at)
        queues.setdefault(host, set()).add(log.queue)
        ceilings.setdefault(host, policy_of(log.read_at, log.queue).fleet_requests_per_second_ceiling)
    said = host_paces(session)
    return {
        host: Share(
            host,
            tuple(sorted(served)),
            said.get(host, ceilings[host]),
            host in said,
            running_workers(session, served),
        )
        for host, served in sorted(queues.items())
    }


def set_pace(context: Context, host: str, per_second: float | None) -> Share:
    """Set the fleet's ceiling for a host, or with None take it back; ConfigurationError when no log is there."""
    with context.store.transaction() as session:
        if host not in shares(session):
            raise ConfigurationError(f"no known log is at {host!r:.80}: 'ctcollect pace' lists the hosts")
        if per_second is None:
            take_back_host_pace(session, host)
        else:
            set_host_pace(session, host, per_second)
        return shares(session)[host]


def tell_workers(context: Context, share: Share) -> None:
    """Those that run keep to it at once; BrokerUnavailable when they can't be told."""
    context.broker.tell_share(share.host, share.per_second, time.time())
