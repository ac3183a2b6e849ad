"""The feeder: keeps every queue filled to its low-water mark with sub-ranges of open ranges, and never more."""

from ctcollect.broker import RESULTS
from ctcollect.catalogue import queues
from ctcollect.coordinator.context import Context
from ctcollect.errors import BrokerUnavailable
from ctcollect.harvest import Order
from ctcollect.models import LogRow
from ctcollect.ranges import Span
from ctcollect.store import ledger
from ctcollect.store.guards import guard

GUARD_SECONDS = 120


def feed(context: Context) -> int:
    """Issue what is missing; returns how many orders went out. Only one feeder works at a time."""
    with guard(context.store, "feed", GUARD_SECONDS) as is_ours:
        if not is_ours or context.broker.depth(RESULTS) >= context.settings.results_high_water:
            return 0
        return sum(_feed_queue(context, queue) for queue in queues())


def _feed_queue(context: Context, queue: str) -> int:
    _look_after_expired(context, queue)
    wanted = context.settings.queue_low_water - context.broker.depth(queue)
    if wanted <= 0:
        return 0
    with context.store.transaction() as session:
        issues = ledger.issue(session, queue, wanted, context.settings.lease_seconds)
        orders = [_order(issue.log, issue.span) for issue in issues]
    try:
        context.broker.send_orders(orders)
    except BrokerUnavailable:
        # Some may have gone out all the same: those come twice, which is harmless.
        with context.store.transaction() as session:
            ledger.end_leases(session, [(order.log_id, order.span) for order in orders])
        raise
    return len(orders)


def _look_after_expired(context: Context, queue: str) -> None:
    """A lease that has run out: its order is still on its way, or lost and free to be issued again."""
    with context.store.reading() as session:
        expired = ledger.expired_leases(session, queue)
    if not expired:
        return
    alive = context.broker.orders_on_their_way(queue)
    with context.store.transaction() as session:
        for log_id, span in expired:
            if (log_id, span) in alive:
                ledger.renew_lease(session, log_id, span, context.settings.lease_seconds)
        ledger.end_leases(session, [lease for lease in expired if lease not in alive])


def _order(log: LogRow, span: Span) -> Order:
    return Order(
        log_id=log.log_id,
        name=log.name,
        url=log.url,
        kind=log.kind,
        queue=log.queue,
        start=span.start,
        end=span.end,
        batch_entries=log.batch_entries,
    )
