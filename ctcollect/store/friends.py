"""The friends as ``ctcollect friend list`` shows them: their accounts and their workers together."""

from typing import Any

from sqlalchemy.orm import Session

from ctcollect.models import AccountRow, WorkerRow
from ctcollect.store.accounts import all_accounts
from ctcollect.store.trust import trust_of
from ctcollect.store.workers import all_workers


def friends_document(session: Session) -> list[dict[str, Any]]:
    """One element a friend, by name; ``since`` is the invitation, or the first sign of one who has no account."""
    accounts = {row.friend: row for row in all_accounts(session)}
    workers: dict[str, list[WorkerRow]] = {}
    for worker in all_workers(session):
        workers.setdefault(worker.friend, []).append(worker)
    names = sorted(accounts.keys() | workers.keys())
    return [_friend(session, name, accounts.get(name), workers.get(name, [])) for name in names]


def _friend(session: Session, name: str, account: AccountRow | None, workers: list[WorkerRow]) -> dict[str, Any]:
    served = {queue for worker in workers for queue in worker.queues.split(",") if queue}
    return {
        "name": name,
        "account": _account(account),
        "queues": account.queues if account else ",".join(sorted(served)),
        "trust": trust_of(session, name),
        "running": sum(worker.running for worker in workers),
        "since": account.created_at if account else min(worker.first_seen for worker in workers),
    }


def _account(account: AccountRow | None) -> str:
    if account is None:
        return "none"
    return "yes" if account.removed_at is None else f"removed: {account.removed_because}"
