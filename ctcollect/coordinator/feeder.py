"""The feeder: keeps every queue filled to its low-water mark with sub-ranges of open ranges, and never more."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ctcollect.catalogue import queues
from ctcollect.coordinator.context import Context
from ctcollect.coordinator.shares import Share, shares
from ctcollect.errors import BrokerUnavailable
from ctcollect.harvest import CHECK, COLLECT, Order
from ctcollect.host_gates import host_of
from ctcollect.models import LogRow
from ctcollect.ranges import Span
from ctcollect.routing import RESULTS
from ctcollect.store import Session, ledger, second_opinions
from ctcollect.store import logs as log_store
from ctcollect.store.archive_holders import Holders, holders
from ctcollect.store.guards import guard
from ctcollect.store.trust import UNTRUSTED, friends_with

GUARD_SECONDS = 120
CHECKS_AT_ONCE = 32


def feed(context: Context) -> int:
    """Issue what is missing; returns how many orders went out. Only one feeder works at a time."""
    with guard(context.store, "feed", GUARD_SECONDS) as is_ours:
        if not is_ours:
            return 0
        _remind_of_pauses(context)
        if _is_backed_up(context):
            return 0
        return sum(_feed_queue(context, queue) for queue in queues())


def _remind_of_pauses(context: Context) -> None:
    """A worker that was not there when a log was paused may meet its older orders."""
    said_at = time.time()
    with context.store.reading() as session:
        paused = log_store.paused_with_orders_out(session)
    for log_id in paused:
        context.broker.tell_paused(log_id, True, said_at)


def _is_backed_up(context: Context) -> bool:
    """Too much waits to be recorded, by number or by size: what is out already is enough for now."""
    settings, broker = context.settings, context.broker
    is_many = broker.depth(RESULTS) >= settings.results_high_water
    return is_many or broker.size_bytes(RESULTS) >= settings.results_high_water_bytes


def _feed_queue(context: Context, queue: str) -> int:
    _look_after_expired(context, queue)
    wanted = context.settings.queue_low_water - context.broker.depth(queue)
    if wanted <= 0:
        return 0
    # Before anything is read: a log that is paused from now on was not when these orders were made.
    issued_at = time.time()
    with context.store.transaction() as session:
        checks = _check_orders(session, queue, min(wanted, CHECKS_AT_ONCE), context.settings.lease_seconds)
        orders = _collect_orders(session, queue, wanted - len(checks), context.settings.lease_seconds)
        by_host = shares(session) if orders or checks else {}
    orders, checks = ([_with_share(each, by_host, issued_at) for each in some] for some in (orders, checks))
    try:
        context.broker.send_orders([*orders, *checks])
    except BrokerUnavailable:
        # Some may have gone out all the same: those come twice, which is harmless.
        with context.store.transaction() as session:
            ledger.end_leases(session, [(order.log_id, order.span) for order in orders])
            second_opinions.take_back_checks(session, [(check.log_id, check.span) for check in checks])
        raise
    return len(orders) + len(checks)


def _with_share(order: Order, by_host: Mapping[str, Share], issued_at: float) -> Order:
    return replace(order, share_per_second=by_host[host_of(order.read_at)].per_second, issued_at=issued_at)


def _collect_orders(session: Session, queue: str, count: int, lease_seconds: float) -> list[Order]:
    readers = holders(session, queue)
    untrusted = friends_with(session, [UNTRUSTED])
    issues = ledger.issue(session, queue, count, lease_seconds) if count else []
    return [_order(each.log, each.span, untrusted | _not_for(each, readers)) for each in issues]


def _check_orders(session: Session, queue: str, count: int, lease_seconds: float) -> list[Order]:
    readers = holders(session, queue)
    untrusted = friends_with(session, [UNTRUSTED])
    checks = second_opinions.issue_checks(session, queue, count, lease_seconds)
    lacking = (readers.who_lack(each.log, each.span.start) for each in checks)
    return [
        _order(each.log, each.span, untrusted | others | {each.first_friend}, CHECK)
        for each, others in zip(checks, lacking, strict=True)
    ]


def _not_for(issue: ledger.Issue, readers: Holders) -> set[str]:
    """Whom an order should not reach: who can't do it, and those to avoid if there is another who could do it."""
    able = readers.able(issue.log, issue.span.start)
    avoid = set(issue.avoid)
    return readers.who_lack(issue.log, issue.span.start) | (avoid if able - avoid else set())


def _look_after_expired(context: Context, queue: str) -> None:
    """A lease that has run out: its order is still on its way, or lost and free to be issued again."""
    with context.store.reading() as session:
        expired = ledger.expired_leases(session, queue)
    if not expired:
        return
    alive = context.broker.orders_on_their_way(queue)
    with context.store.transaction() as session:
        ledger.renew_leases(session, alive.intersection(expired), context.settings.lease_seconds)
        ledger.end_leases(session, [lease for lease in expired if lease not in alive])


def _order(log: LogRow, span: Span, avoid: Iterable[str], purpose: str = COLLECT) -> Order:
    return Order(
        log_id=log.log_id,
        name=log.name,
        url=log.url,
        kind=log.kind,
        queue=log.queue,
        start=span.start,
        end=span.end,
        batch_entries=log.batch_entries,
        purpose=purpose,
        avoid=",".join(sorted(avoid)),
        archive_url=log.archive_url,
    )
