"""Who has sent a harvest: its list of the broker says so, not the harvest."""

from collections.abc import Iterable
from typing import NamedTuple

from ctcollect.errors import HarvestRefused
from ctcollect.harvest import friend_of, worker_name
from ctcollect.routing import RESULTS, account_behind
from ctcollect.store import Session, accounts
from ctcollect.store.trust import UNTRUSTED, trusts
from ctcollect.store.workers import COORDINATOR

# Of these no trust is kept.
NO_FRIENDS = ("", COORDINATOR)


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
