"""Figures that only the coordinator's machine can look up, each as it was last: for pages that ask nobody else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ctcollect.models import GaugeRow
from ctcollect.routing import RESULTS
from ctcollect.store.engine import table_of, upsert, utc_now

RESULTS_BYTES, BROKER_BYTES = "results_bytes", "broker_bytes"
DISK_USED, DATABASE_DISK_USED, DATABASE_BYTES = "disk_used_bytes", "database_disk_used_bytes", "database_bytes"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure; ``maximum`` is None where there is none. ``sampled_at`` is UTC without zone, None before it is kept."""

    value: int
    maximum: int | None = None
    sampled_at: datetime | None = None

    @property
    def share(self) -> float:
        """Of the maximum; 0.0 without one."""
        return self.value / self.maximum if self.maximum else 0.0


def waiting_in(queue: str) -> str:
    """The name of the gauge that tells how many messages wait in ``queue`` in the broker."""
    return f"queue.{queue}"


WAITING_HARVESTS = waiting_in(RESULTS)


def put_gauges(session: Session, gauges: Mapping[str, Gauge]) -> None:
    """Keep these figures; those that are not among them, for they could not be looked up, stay as they were."""
    now = utc_now()
    rows = [
        {"name": name, "value": gauge.value, "maximum": gauge.maximum, "sampled_at": now}
        for name, gauge in sorted(gauges.items())
    ]
    if rows:
        upsert(session, table_of(GaugeRow), rows, replace=("value", "maximum", "sampled_at"))


def all_gauges(session: Session) -> dict[str, Gauge]:
    """By name."""
    rows = session.scalars(select(GaugeRow))
    return {row.name: Gauge(row.value, row.maximum, row.sampled_at) for row in rows}
