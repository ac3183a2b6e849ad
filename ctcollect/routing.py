"""Which list of the broker carries what, and whose it is: names alone, no connection.

A friend with an account (a user of Redis of that name) puts harvests into a list of her own and keeps what she has
taken under keys of her own. Redis enforces that, so these names, and not a message, tell who has sent it.
"""

from urllib.parse import unquote, urlsplit

from ctcollect.friend_name import is_friend_name

RESULTS, CONTROL = "results", "control"
RECORD_TASK = "ctcollect.record"
FETCH_TASK_PREFIX = "ctcollect.fetch."
UNACKED, UNACKED_INDEX, UNACKED_MUTEX = "unacked", "unacked_index", "unacked_mutex"
EVENTS = "celeryev"
REPLIES_SUFFIX = ".reply.celery.pidbox"


def account_of(broker_url: str) -> str:
    """The friend's account that a broker's url names; "" when its user is one of the project's own, or nobody."""
    try:
        user = unquote(urlsplit(broker_url).username or "")
    except ValueError:
        return ""
    return user if is_friend_name(user) else ""


def fetch_task(queue: str) -> str:
    """The task name of a queue: one each, so that rates, Flower and metrics speak of it."""
    return FETCH_TASK_PREFIX + queue


def of_account(name: str, account: str) -> str:
    """The list, key or exchange that stands for ``name`` where an account is used; the plain one without."""
    return f"{name}.{account}" if account else name


def account_behind(name: str, key: str) -> str:
    """The account whose ``name`` this key is; "" for the plain one, and for what is something else."""
    prefix, _, account = key.partition(".")
    return account if prefix == name and is_friend_name(account) else ""
