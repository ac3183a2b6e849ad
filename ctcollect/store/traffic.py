"""What asking the logs has cost and what is on its way, for monitoring: sums over all time, a row a worker or queue."""

from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ctcollect.models import ContributionRow, LeaseRow, LogRow, WorkerRow


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests to logs, those of them that were refused as too many, and bytes received."""

    requests: int
    refused: int
    received_bytes: int

    def __add__(self, other: "Traffic") -> "Traffic":
        return Traffic(
            self.requests + other.requests,
            self.refused + other.refused,
            self.received_bytes + other.received_bytes,
        )


NOTHING = Traffic(0, 0, 0)


def traffic(session: Session) -> tuple[dict[str, Traffic], dict[str, Traffic]]:
    """By worker, and by queue."""
    row = ContributionRow
    sums = (func.sum(row.requests), func.sum(row.throttled), func.sum(row.bytes))
    queue_of: dict[str, str] = dict(session.execute(select(LogRow.log_id, LogRow.queue)).all())
    workers: dict[str, Traffic] = {}
    queues: dict[str, Traffic] = {}
    # In the order of the key, so that no database has to sort.
    for worker, log_id, *counts in session.execute(
        select(row.worker, row.log_id, *sums).group_by(row.worker, row.log_id)
    ):
        asked, queue = Traffic(*map(int, counts)), queue_of[log_id]
        workers[worker] = workers.get(worker, NOTHING) + asked
        queues[queue] = queues.get(queue, NOTHING) + asked
    return workers, queues


def orders_out(session: Session) -> dict[str, int]:
    """How many sub-ranges are out, by queue: waiting in the broker or in a worker's hands."""
    rows = session.execute(select(LeaseRow.queue, func.count()).group_by(LeaseRow.queue))
    return {queue: int(count) for queue, count in rows}


def false_deliveries(session: Session) -> dict[str, int]:
    """By worker, how many of its deliveries an audit has proven false since it was last given trust."""
    rows: dict[str, int] = dict(session.execute(select(WorkerRow.name, WorkerRow.bad_deliveries)).all())
    return rows


def head_times(session: Session) -> dict[str, float]:
    """By log, the time of its newest verified head, in seconds since 1970."""
    rows = session.execute(select(LogRow.name, LogRow.head_timestamp))
    return {name: moment.replace(tzinfo=UTC).timestamp() for name, moment in rows if moment}
