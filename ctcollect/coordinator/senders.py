"""Who has sent a harvest: its list of the broker says so, not the harvest."""

from ctcollect.coordinator.context import Context
from ctcollect.errors import HarvestRefused
from ctcollect.harvest import friend_of, worker_name
from ctcollect.routing import RESULTS, account_behind
from ctcollect.store import accounts


def sender_of(context: Context, queue: str, claimed: object) -> str:
    """The name of the worker that a harvest out of ``queue`` is credited to.

    Out of an account's list it is that friend's worker, whoever it says it is. Out of the common one its word counts,
    HarvestRefused when it names a friend who has an account.
    """
    worker = worker_name(claimed)
    account = account_behind(RESULTS, queue)
    if account:
        return worker_name(f"{account}@{worker.partition('@')[2]}")
    with context.store.reading() as session:
        if accounts.account(session, friend_of(worker)) is not None:
            raise HarvestRefused(f"{friend_of(worker)} has an account, and this did not come by it")
    return worker
