"""Friends' accounts: users of Redis that can do what a worker needs and nothing else (docs/invitations.md)."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from redis.exceptions import NoPermissionError, ResponseError

from ctcollect.broker import Broker, held_order_of
from ctcollect.errors import ConfigurationError
from ctcollect.ranges import Span
from ctcollect.routing import EVENTS, REPLIES_SUFFIX, RESULTS, UNACKED, UNACKED_INDEX, UNACKED_MUTEX, of_account
from ctcollect.transport import GIVEN_BACK

TOO_OLD = "this Redis is too old for accounts: it takes Redis 7 or newer, or Valkey"
CLIENT_COMMANDS = ("+client|setinfo", "+client|setname")
HARVESTS_LOOKED_AT = 20


def password_hash(password: str) -> str:
    """As Redis keeps it: SHA-256, hex."""
    return hashlib.sha256(password.encode()).hexdigest()


def rules(account: str, hashed: str, queue_names: Iterable[str], database: int = 0) -> list[str]:
    """The rules of ACL SETUSER; rights stand in selectors, so that each command reaches its own keys only.

    A worker of this account may take orders (never write any), note what it holds, put harvests into its own list,
    publish its own events, hear the remote control and answer it, and ask for the time.
    """
    queues = " ".join(f"%RW~{name}" for name in queue_names)
    held = " ".join(f"%RW~{of_account(name, account)}" for name in (UNACKED, UNACKED_INDEX))
    channel = f"&/{database}."
    return [
        "reset",
        "on",
        f"#{hashed}",
        *("+ping", "+hello", "+auth", "+multi", "+exec", "+discard", "+time"),
        *(["+select"] if database else []),
        f"(+brpop +llen {queues})",
        f"(+hset +hdel +zadd +zrem {held})",
        f"(+lpush %W~{of_account(RESULTS, account)})",
        f"(+llen %R~{account}@*.celery.pidbox)",
        f"(+smembers %R~_kombu.binding{REPLIES_SUFFIX})",
        f"(+lpush %W~*{REPLIES_SUFFIX})",
        f"(+psubscribe +punsubscribe +subscribe +unsubscribe {channel}celery.pidbox)",
        f"(+publish {channel}{of_account(EVENTS, account)}/*)",
    ]


@dataclass(frozen=True, slots=True)
class Held:
    """A message that an account has taken and not acknowledged; ``order`` is None for one that is no order of ours."""

    tag: str
    order: tuple[str, Span] | None
    is_given_back: bool


class Accounts:
    """The accounts of the broker; the caller's own user must be allowed to administer it."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        path = urlsplit(broker.app.conf.broker_url).path.strip("/")
        self.database = int(path) if path.isdigit() else 0

    def put(self, account: str, hashed: str, queue_names: Sequence[str]) -> bool:
        """Make an account or make it anew; whether Redis keeps it over its own restart. ConfigurationError when old."""
        with self.broker.client() as client:
            try:
                client.execute_command("ACL", "SETUSER", account, *rules(account, hashed, queue_names, self.database))
            except ResponseError as error:
                raise ConfigurationError(TOO_OLD if _is_too_old(client) else _refusal(error)) from None
            for command in CLIENT_COMMANDS:
                _allow_if_known(client, account, command)
            client.execute_command("CLIENT", "KILL", "USER", account)  # who came in with an older password
            return _save(client)

    def names(self) -> set[str]:
        """Every user of this Redis; nobody when ours may not ask, and then nobody can have been invited."""
        with self.broker.client() as client:
            try:
                return set(client.acl_users())
            except NoPermissionError:
                return set()

    def remove(self, account: str) -> list[tuple[str, Span]]:
        """Take the account and its keys away; returns the orders that it held. Nothing happens when there is none."""
        with self.broker.client() as client:
            client.execute_command("ACL", "DELUSER", account)  # which also ends its connections
            _save(client)
        held = self.held(account)
        with self.broker.client() as client:
            keys = (RESULTS, UNACKED, UNACKED_INDEX, UNACKED_MUTEX)
            client.delete(*(of_account(name, account) for name in keys))
        return [each.order for each in held if each.order]

    def held(self, account: str) -> list[Held]:
        """All that the account has taken and not acknowledged; marks that mark nothing are cleared away."""
        index = of_account(UNACKED_INDEX, account)
        with self.broker.client() as client:
            messages = client.hgetall(of_account(UNACKED, account))
            marked = set(client.zrangebyscore(index, GIVEN_BACK, GIVEN_BACK))
            if stale := marked - set(messages):
                client.zrem(index, *stale)
        return [
            Held(tag.decode("utf-8", "replace"), held_order_of(raw), tag in marked) for tag, raw in messages.items()
        ]

    def forget(self, account: str, tag: str) -> bool:
        """Take a held message away; False when somebody else did so before, or it was acknowledged meanwhile."""
        with self.broker.client() as client, client.pipeline() as pipe:
            pipe.hdel(of_account(UNACKED, account), tag).zrem(of_account(UNACKED_INDEX, account), tag)
            return bool(pipe.execute()[0])

    def burden(self, account: str) -> tuple[int, int]:
        """(messages, bytes) that the broker keeps of an account: harvests that wait, orders that it has taken."""
        lists = [of_account(name, account) for name in (RESULTS, UNACKED, UNACKED_INDEX)]
        with self.broker.client() as client:
            count = client.llen(lists[0]) + client.hlen(lists[1]) + client.zcard(lists[2])
            sizes = [client.memory_usage(each, samples=HARVESTS_LOOKED_AT) for each in lists]
        return int(count), sum(int(size or 0) for size in sizes)


def _allow_if_known(client: Any, account: str, command: str) -> None:
    try:
        client.execute_command("ACL", "SETUSER", account, command)
    except ResponseError:  # an older Redis: no client asks it for this
        return


def _save(client: Any) -> bool:
    """False when this Redis has no ACL file to keep its users in."""
    try:
        client.execute_command("ACL", "SAVE")
    except ResponseError:
        return False
    return True


def _is_too_old(client: Any) -> bool:
    return int(str(client.info("server").get("redis_version", "0")).partition(".")[0]) < 7


def _refusal(error: ResponseError) -> str:
    if "NOPERM" in str(error) or "no permissions" in str(error):
        return "the user in CTCOLLECT_BROKER_URL may not make accounts: use Redis's default user, or one with +@all"
    return f"Redis refuses the account: {error}"
