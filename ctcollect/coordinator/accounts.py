"""Inviting a friend and taking an invitation back: an account of the broker, and the row that outlives the broker."""

import logging
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ctcollect.accounts import Accounts, password_hash
from ctcollect.coordinator.context import Context
from ctcollect.errors import ConfigurationError
from ctcollect.friend_name import RESERVED, is_friend_name
from ctcollect.ranges import Span
from ctcollect.store import accounts as rows
from ctcollect.store import ledger, second_opinions

logger = logging.getLogger(__name__)

PASSWORD_BYTES = 24


@dataclass(frozen=True, slots=True)
class Invited:
    """``password`` exists nowhere else. ``is_kept_by_broker``: the broker's own restart does not forget the account."""

    friend: str
    password: str
    queues: tuple[str, ...]
    is_kept_by_broker: bool


def invite(context: Context, friend: str, queue_names: Sequence[str], *, renew: bool) -> Invited:
    """Make the friend's account, or with ``renew`` give it a new password. ConfigurationError when it is there."""
    accounts = Accounts(context.broker)
    with context.store.reading() as session:
        known = rows.account(session, friend)
    if known is not None and not renew:
        raise ConfigurationError(
            f"{friend} has an account already: 'ctcollect friend add {friend} --new-password' makes a new command "
            "and ends the old one"
        )
    if known is None and friend in accounts.names() | set(RESERVED):
        raise ConfigurationError(f"Redis has a user {friend!r} that is no account of ours: choose another name")
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    hashed = password_hash(password)
    is_kept = accounts.put(friend, hashed, queue_names)
    with context.store.transaction() as session:
        rows.put_account(session, friend, hashed, queue_names)
    return Invited(friend, password, tuple(queue_names), is_kept)


def remove(context: Context, friend: str, reason: str) -> int:
    """Take an account away and issue again what it held; how many orders that were. ConfigurationError without one."""
    with context.store.reading() as session:
        if rows.account(session, friend) is None:
            raise ConfigurationError(f"{friend!r} has no account: see 'ctcollect friend list'")
    return cut_off(context, friend, reason)


def cut_off(context: Context, friend: str, reason: str) -> int:
    """The same, also of a user of Redis that somebody has made by hand.

    The row comes first: who looks for accounts in use then never makes this one anew.
    """
    with context.store.transaction() as session:
        rows.mark_removed(session, friend, reason)
    held = Accounts(context.broker).remove(friend)
    issue_again(context, held)
    return len(held)


def issue_again(context: Context, orders: Iterable[tuple[str, Span]]) -> None:
    """Nobody has these orders any more: what they cover is free."""
    found = list(orders)
    with context.store.transaction() as session:
        ledger.end_leases(session, found)
        second_opinions.take_back_checks(session, found)


def restore(context: Context) -> list[str]:
    """The friends whose lists are to be looked after; an account that the broker has forgotten is made again.

    Users of Redis with the name of a friend count too: whoever made them, what lies in their lists is theirs.
    """
    with context.store.reading() as session:
        in_use = {row.friend for row in rows.accounts_in_use(session)}
    known = {name for name in Accounts(context.broker).names() if is_friend_name(name)}
    for friend in sorted(in_use - known):
        _restore(context, friend)
    return sorted(in_use | known)


def _restore(context: Context, friend: str) -> None:
    """Behind the row's lock, or an account that is being removed would come back."""
    with context.store.transaction() as session:
        row = rows.locked_account(session, friend)
        if row is not None:
            Accounts(context.broker).put(friend, row.password_hash, row.queues.split(","))
            logger.warning("the broker had forgotten the account of %s: it is there again", friend)
