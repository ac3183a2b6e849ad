"""Who has sent a harvest: its list of the broker says so, not the harvest."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from ctcollect.errors import HarvestRefused
from ctcollect.harvest import friend_of, worker_name
from ctcollect.routing import RESULTS, account_behind
from ctcollect.store import Session, Store, accounts
from ctcollect.store.trust import UNTRUSTED, trusts
from ctcollect.store.workers import COORDINATOR

# Of these no trust is kept.
NO_FRIENDS = ("", COORDINATOR)
DOUBTS_KEPT = 1000


class Sender(NamedTuple):
    """``worker`` is the name that a harvest is credited to; ``is_proven``: the broker stands for its friend."""

    worker: str
    is_proven: bool

    @property
    def friend(self) -> str:
        return friend_of(self.worker)


def sender_of(queue: str, claimed: object) -> Sender:
    """Out of an account's list it is that friend's worker, whatever it claims; in the common one the claim holds."""
    worker = worker_name(claimed)
    account = account_behind(RESULTS, queue)
    if account:
        return Sender(worker_name(f"{account}@{worker.partition('@')[2]}"), True)
    return Sender(worker, False)


def impostors(session: Session, senders: Iterable[Sender]) -> dict[Sender, HarvestRefused]:
    """Those who name a friend that has an account, by which they did not come."""
    unproven = [each for each in senders if not each.is_proven]
    known = accounts.with_accounts(session, {each.friend for each in unproven}) if unproven else set()
    return {
        each: HarvestRefused(f"{each.friend} has an account, and this did not come by it")
        for each in unproven
        if each.friend in known
    }


class Standing(NamedTuple):
    """Whose harvests must be refused and why, and the trust in each friend."""

    refusals: dict[Sender, HarvestRefused]
    trusts: dict[str, str]


def standing_of(session: Session, senders: Iterable[Sender]) -> Standing:
    """Of all these senders, in two statements."""
    everyone = set(senders)
    trust = trusts(session, {each.friend for each in everyone})
    refusals = {
        each: HarvestRefused(f"{each.friend} is not trusted") for each in everyone if trust[each.friend] == UNTRUSTED
    }
    refusals |= {
        each: HarvestRefused(f"{each.friend!r} is no friend's name") for each in everyone if each.friend in NO_FRIENDS
    }
    return Standing(refusals | impostors(session, everyone), trust)


@dataclass
class Doubts:
    """Who was refused lately: into what such a one sends no work goes before it is known that it will be taken."""

    _senders: set[Sender] = field(default_factory=set)

    def about(self, sender: Sender) -> None:
        if len(self._senders) >= DOUBTS_KEPT:
            self._senders.clear()
        self._senders.add(sender)

    def look(self, store: Store, sender: Sender) -> None:
        """HarvestRefused for one that was refused before and would be now; all others may try."""
        if sender in self._senders:
            check(store, sender)
            self._senders.discard(sender)


def check(store: Store, sender: Sender) -> None:
    """HarvestRefused for one whose harvests must be refused."""
    with store.reading() as session:
        refusal = standing_of(session, [sender]).refusals.get(sender)
    if refusal is not None:
        raise refusal
