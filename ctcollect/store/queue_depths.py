"""How much waits in the broker, as the coordinator saw it last."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from ctcollect.catalogue import queues
from ctcollect.store.gauges import WAITING_HARVESTS, all_gauges, waiting_in


@dataclass(frozen=True, slots=True)
class Depths:
    """Orders that no worker has taken yet, by queue, and harvests to be recorded. What nobody has looked up yet is
    missing, or None."""

    orders: dict[str, int]
    harvests: int | None


def queue_depths(session: Session) -> Depths:
    """Both as they were sampled last."""
    gauges = all_gauges(session)
    orders = {queue: gauges[name].value for queue in queues() if (name := waiting_in(queue)) in gauges}
    harvests = gauges.get(WAITING_HARVESTS)
    return Depths(orders, harvests.value if harvests else None)
