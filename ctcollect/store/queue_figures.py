"""The queues: how fast their logs are asked, how often they refuse, what waits, who serves."""

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ctcollect.catalogue import queues
from ctcollect.host_gates import host_of, policy_of
from ctcollect.models import HOUR, MINUTE, FleetSampleRow, LeaseRow, LogRow
from ctcollect.store.entries import wanted_entries
from ctcollect.store.gauges import Gauge, all_gauges, waiting_in
from ctcollect.store.host_paces import host_paces
from ctcollect.store.logs import all_logs
from ctcollect.store.progress import Counters, counters_at
from ctcollect.store.serving import Service, services
from ctcollect.store.workers import all_workers

PACE_SECONDS, DAY = 5 * MINUTE, 24 * HOUR


class Asked(NamedTuple):
    """Requests of a queue's logs since a moment (Unix seconds), and how many of them were refused."""

    since: int
    requests: int
    throttled: int

    @property
    def refused_share(self) -> float | None:
        """None when nothing was asked."""
        return round(self.throttled / self.requests, 4) if self.requests else None


def queues_document(session: Session) -> list[dict[str, Any]]:
    """One for each queue of the catalogue, in its order.

    {"queue", "requests_per_second" (of the last five minutes, None where that is not sampled), "ceiling_per_second"
    (of the whole fleet, over the hosts of which something is still to do; None for none), "refused_share_1h",
    "refused_share_24h" (each None when nothing was asked; of a younger collection since it is sampled), "waiting"
    (orders in the broker, None before it was looked, "waiting_as_of"), "out" (orders issued and not recorded, of which
    those waiting are a part), "workers", "friends" (how many serve it now)}. Requests are those of recorded harvests.
    """
    now, logs = int(time.time()), all_logs(session)
    asked = {seconds: _asked(session, logs, now - seconds) for seconds in (PACE_SECONDS, HOUR, DAY)}
    ceilings, gauges, out = _ceilings(session, logs), all_gauges(session), _out(session)
    serving = services(all_workers(session), queues())
    return [
        {"queue": queue}
        | _pace(asked[PACE_SECONDS].get(queue), now)
        | {"ceiling_per_second": ceilings.get(queue)}
        | {"refused_share_1h": _share(asked[HOUR], queue), "refused_share_24h": _share(asked[DAY], queue)}
        | _waiting(gauges.get(waiting_in(queue)))
        | {"out": out.get(queue, 0)}
        | _served(serving[queue])
        for queue in queues()
    ]


def _asked(session: Session, logs: Sequence[LogRow], moment: int) -> dict[str, Asked]:
    """By queue, since the sample before ``moment``; since the first one when there is none so early."""
    at = FleetSampleRow.sampled_at
    before = session.scalar(select(func.max(at)).where(FleetSampleRow.series == MINUTE, at <= moment))
    since = before or session.scalar(select(func.min(at)).where(FleetSampleRow.series == MINUTE))
    if since is None:
        return {}
    counted = counters_at(session, since)
    found: dict[str, Asked] = {}
    for log in logs:
        base, known = counted.get(log.log_id, Counters()), found.get(log.queue, Asked(since, 0, 0))
        requests, throttled = log.requests - base.requests, log.throttled - base.throttled
        found[log.queue] = Asked(since, known.requests + requests, known.throttled + throttled)
    return found


def _pace(asked: Asked | None, now: int) -> dict[str, Any]:
    is_recent = asked is not None and 0 < now - asked.since <= 2 * PACE_SECONDS
    return {"requests_per_second": round(asked.requests / (now - asked.since), 2) if asked and is_recent else None}


def _share(asked: Mapping[str, Asked], queue: str) -> float | None:
    return asked[queue].refused_share if queue in asked else None


def _ceilings(session: Session, logs: Iterable[LogRow]) -> dict[str, float]:
    said, wanted = host_paces(session), wanted_entries(session)
    hosts: dict[str, dict[str, float]] = {}
    for log in logs:
        if log.enabled and wanted.get(log.log_id, 0) > log.entries_done:
            host = host_of(log.read_at)
            ceiling = said.get(host, policy_of(log.read_at, log.queue).fleet_requests_per_second_ceiling)
            hosts.setdefault(log.queue, {})[host] = ceiling
    # A host without a ceiling leaves its queue without one.
    return {queue: sum(paces.values()) for queue, paces in hosts.items() if all(paces.values())}


def _out(session: Session) -> dict[str, int]:
    rows = session.execute(select(LeaseRow.queue, func.count()).group_by(LeaseRow.queue))
    return {queue: int(count) for queue, count in rows}


def _waiting(gauge: Gauge | None) -> dict[str, Any]:
    as_of = gauge.sampled_at.replace(tzinfo=UTC) if gauge and gauge.sampled_at else None
    return {"waiting": gauge.value if gauge else None, "waiting_as_of": _text(as_of)}


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _served(service: Service) -> dict[str, int]:
    return {"workers": service.workers, "friends": len(service.friends)}
