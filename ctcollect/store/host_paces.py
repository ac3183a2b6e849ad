"""Ceilings for hosts that the coordinator has set, and among whom they are divided."""

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ctcollect.models import HostPaceRow, WorkerRow
from ctcollect.store.engine import table_of, upsert, utc_now
from ctcollect.store.trust import UNTRUSTED, friends_with


def host_paces(session: Session) -> dict[str, float]:
    """Requests per second of the whole fleet by host."""
    return {row.host: row.per_second for row in session.scalars(select(HostPaceRow))}


def set_host_pace(session: Session, host: str, per_second: float) -> None:
    """The whole fleet asks ``host`` at most so often; the catalogue's ceiling counts no more."""
    row = {"host": host, "per_second": per_second, "set_at": utc_now()}
    upsert(session, table_of(HostPaceRow), [row], replace=["per_second", "set_at"])


def take_back_host_pace(session: Session, host: str) -> None:
    """The catalogue's ceiling counts again."""
    session.execute(delete(HostPaceRow).where(HostPaceRow.host == host))


def running_workers(session: Session, queues: Collection[str]) -> int:
    """How many workers run that serve one of these queues, without those of untrusted friends."""
    untrusted = friends_with(session, [UNTRUSTED])
    rows = session.execute(select(WorkerRow.friend, WorkerRow.queues).where(WorkerRow.running))
    return sum(friend not in untrusted and not set(queues).isdisjoint(served.split(",")) for friend, served in rows)
