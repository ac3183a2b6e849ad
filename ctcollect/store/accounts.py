"""The table of accounts: what the broker should know, kept where a restart of the broker does not reach."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ctcollect.models import AccountRow
from ctcollect.store.engine import utc_now


def account(session: Session, friend: str) -> AccountRow | None:
    """The friend's account if it is in use."""
    row = session.get(AccountRow, friend)
    return row if row is not None and row.removed_at is None else None


def locked_account(session: Session, friend: str) -> AccountRow | None:
    """The same; until the transaction ends nobody else removes it or gives it another password."""
    row = session.get(AccountRow, friend, with_for_update=True, populate_existing=True)
    return row if row is not None and row.removed_at is None else None


def all_accounts(session: Session) -> Sequence[AccountRow]:
    """Those in use and those that were removed, by name."""
    return session.scalars(select(AccountRow).order_by(AccountRow.friend)).all()


def accounts_in_use(session: Session) -> Sequence[AccountRow]:
    return [row for row in all_accounts(session) if row.removed_at is None]


def with_accounts(session: Session, friends: Iterable[str]) -> set[str]:
    """Those of the friends whose accounts are in use."""
    in_use = select(AccountRow.friend).where(AccountRow.friend.in_(list(friends)), AccountRow.removed_at.is_(None))
    return set(session.scalars(in_use))


def put_account(session: Session, friend: str, hashed: str, queue_names: Sequence[str]) -> None:
    """A new account, a new password of one, or one that was removed and is invited again."""
    row = session.get(AccountRow, friend, with_for_update=True)
    if row is None:
        row = AccountRow(friend=friend, created_at=utc_now())
        session.add(row)
    elif row.removed_at is not None:
        row.created_at = utc_now()
    row.password_hash, row.queues = hashed, ",".join(queue_names)
    row.removed_at, row.removed_because = None, ""


def mark_removed(session: Session, friend: str, reason: str) -> None:
    """Nothing happens when there is no such account in use."""
    row = locked_account(session, friend)
    if row is not None:
        row.removed_at, row.removed_because = utc_now(), reason[:255]
