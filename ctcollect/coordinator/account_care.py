"""What the coordinator does for the accounts every second: orders that come back, and friends who send too much."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ctcollect.accounts import Accounts, Held
from ctcollect.coordinator.accounts import cut_off, issue_again
from ctcollect.coordinator.context import Context
from ctcollect.ranges import Span
from ctcollect.routing import RESULTS, account_behind
from ctcollect.store import ledger

logger = logging.getLogger(__name__)

# Much more than all orders that are out at a time can bring.
FLOOD_TIMES = 8
MOST_HELD = 1000
# A friend who brings so many more harvests of nothing new than others sends them on purpose.
MOST_USELESS = 2000


@dataclass
class AccountCare:
    """Of the accounts only their own keys are believed, and of these only which orders they hold, never for how long.

    Kombu's way would put back into the queues whatever lies there, as the coordinator; here an order that comes
    back is issued again out of the ledger, and only if nobody else has it.
    """

    context: Context
    clock: Callable[[], float] = time.monotonic
    _first_seen: dict[tuple[str, str, Span], float] = field(default_factory=dict)

    def look(self, friends: Sequence[str]) -> None:
        """Once over all accounts in use."""
        accounts = Accounts(self.context.broker)
        seen: dict[tuple[str, str, Span], float] = {}
        for friend in friends:
            if not self._is_cut_off(accounts, friend):
                seen |= self._take_back(accounts, friend)
        self._first_seen = seen

    def _take_back(self, accounts: Accounts, friend: str) -> dict[tuple[str, str, Span], float]:
        """Returns what the friend goes on holding, and since when."""
        now, kept = self.clock(), {}
        overdue = []
        for held in accounts.held(friend):
            key = (friend, *held.order) if held.order else (friend, held.tag, Span(0, 0))
            since = self._first_seen.get(key, now)
            if held.is_given_back or now - since > self.context.settings.visibility_timeout_seconds:
                overdue.append(held)
            else:
                kept[key] = since
        self._issue_again(accounts, friend, overdue)
        return kept

    def _issue_again(self, accounts: Accounts, friend: str, overdue: Sequence[Held]) -> None:
        orders = {held.order for held in overdue if accounts.forget(friend, held.tag) and held.order}
        if not orders:
            return
        with self.context.store.reading() as session:
            queues = ledger.queues_of(session, {log_id for log_id, _ in orders})
        for queue in queues:
            # An order that waits in the queue, or that another one holds, is not this friend's to give back.
            orders -= self.context.broker.orders_on_their_way(queue, without_account=friend)
        issue_again(self.context, orders)

    def _is_cut_off(self, accounts: Accounts, friend: str) -> bool:
        """A friend whose lists are larger than any worker's can be loses the account before the broker is full."""
        settings = self.context.settings
        count, size_bytes = accounts.burden(friend)
        most = FLOOD_TIMES * settings.results_high_water + MOST_HELD
        if count <= most and size_bytes <= FLOOD_TIMES * settings.results_high_water_bytes:
            return False
        reason = f"its lists held {count:,} messages of {size_bytes:,} bytes"
        logger.warning("the account of %s is removed: %s", friend, reason)
        cut_off(self.context, friend, reason)
        return True


@dataclass
class Usefulness:
    """How many more harvests of nothing new than others came by each account, in this process."""

    _useless: dict[str, int] = field(default_factory=dict)

    def is_lost(self, account: str, was_useful: bool) -> bool:
        """Count a harvest; True when the account has sent too many that were not worth their way."""
        useless = max(0, self._useless.get(account, 0) + (-1 if was_useful else 1))
        self._useless[account] = 0 if useless > MOST_USELESS else useless
        return useless > MOST_USELESS


_usefulness = Usefulness()


def count(context: Context, queue: str, was_useful: bool) -> None:
    """Note what a harvest was worth; an account that sends nothing but old ones, or refuse, is removed."""
    account = account_behind(RESULTS, queue)
    if account and _usefulness.is_lost(account, was_useful):
        reason = f"{MOST_USELESS:,} harvests of nothing new"
        logger.warning("the account of %s is removed: %s", account, reason)
        cut_off(context, account, reason)
