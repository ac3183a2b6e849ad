"""What an invited friend's account is refused, by a real Redis. That the rest is enough, a whole fleet shows."""

import re
import shlex
from collections.abc import Iterator

import pytest
import redis
from celery import Celery

from ctcollect.accounts import Accounts, password_hash
from ctcollect.broker import Broker
from tests.fleet.invited import connected, contents
from tests.services.redis import RedisServer

PASSWORD = "a-password"
REFUSED = re.compile("no permissions|this user has no", re.IGNORECASE)
FORBIDDEN = """
    FLUSHALL | FLUSHDB | SWAPDB 0 1 | SELECT 1
    CONFIG GET requirepass | CONFIG SET maxmemory 1 | CONFIG REWRITE | MODULE LIST | SHUTDOWN NOSAVE
    SAVE | BGREWRITEAOF | REPLICAOF 127.0.0.1 1 | MONITOR | INFO | SLOWLOG GET | LATENCY LATEST | SYNC
    ACL LIST | ACL GETUSER bob | ACL SETUSER alice +@all | ACL SETUSER alice allkeys | ACL DELUSER bob | ACL LOG
    CLIENT LIST | CLIENT KILL TYPE normal | CLIENT PAUSE 1000 | CLIENT NO-EVICT on
    KEYS * | SCAN 0 | RANDOMKEY | DBSIZE | TYPE google | EXISTS unacked.bob | OBJECT ENCODING google
    EVAL "return 1" 0 | EVALSHA 0000000000000000000000000000000000000000 0 | SCRIPT LOAD "return 1" | SCRIPT FLUSH
    FUNCTION LIST | FCALL x 0
    LPUSH google x | RPUSH google x | LSET google 0 x | LINSERT google BEFORE x y | DEL google | SET google x
    RENAME google results.alice | LMOVE google results.alice LEFT LEFT | EXPIRE google 1 | RESTORE google 0 x
    LRANGE google 0 -1 | LINDEX google 0 | SORT google BY nosort GET unacked.bob | DUMP google | COPY google other
    BRPOP cloudflare 1 | BRPOP control 1 | BRPOP results 1 | BRPOP results.bob 1 | BRPOP google control 1
    LPUSH results x | LPUSH results.bob x | LPUSH control x | LPUSH cloudflare x | LPUSH unacked x
    LRANGE results 0 -1 | LRANGE results.bob 0 -1 | LTRIM results.bob 0 0 | DEL results.bob
    HGETALL unacked | HGETALL unacked.bob | HSET unacked.bob tag x | HDEL unacked.bob tag | HSET unacked tag x
    ZADD unacked_index.bob 0 tag | ZREM unacked_index.bob tag | DEL unacked_mutex.bob | SET unacked_mutex x
    PUBLISH /0.celery.pidbox x | PUBLISH /0.celeryev/worker.heartbeat x | PUBLISH /0.celeryev.bob/worker.offline x
    SUBSCRIBE /0.celeryev.bob/worker.heartbeat | PSUBSCRIBE * | PSUBSCRIBE /0.celeryev* | PUBSUB CHANNELS
    LLEN bob@home.celery.pidbox | LPUSH bob@home.celery.pidbox x | SADD _kombu.binding.control x
    XADD google * a b | MEMORY USAGE results.bob | WAIT 0 0 | COMMAND GETKEYS GET x | CLUSTER INFO | LOLWUT
"""
COMMANDS = [command.strip() for line in FORBIDDEN.strip().splitlines() for command in line.split("|")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis with two accounts, orders in every queue and something of bob's."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server, server.client() as client:
        accounts = Accounts(Broker(Celery(broker=server.url)))
        for name, queues in (("alice", ["google", "digicert"]), ("bob", ["google", "cloudflare"])):
            accounts.put(name, password_hash(PASSWORD), queues)
        for key in ("google", "cloudflare", "digicert", "control", "results", "results.bob"):
            client.lpush(key, "precious")
        for key in ("unacked", "unacked.bob"):
            client.hset(key, "tag", "precious")
        client.zadd("unacked_index.bob", {"tag": 1})
        yield server


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_refused(server: RedisServer, command: str) -> None:
    """Nothing is answered but that it is not allowed, and nothing in Redis is other than it was."""
    url = server.url.replace("://", f"://alice:{PASSWORD}@")
    with server.client() as admin, connected(url) as alice:
        before = contents(admin)
        connection = alice.connection_pool.get_connection()
        connection.send_command(*shlex.split(command))
        with pytest.raises(redis.exceptions.ResponseError, match=REFUSED):
            connection.read_response()
        connection.disconnect()
        assert contents(admin) == before


def test_others_passwords_are_not_told(server: RedisServer) -> None:
    """An account that was made is of use only with its own password: Redis keeps a hash, and shows that to nobody."""
    with connected(server.url.replace("://", "://alice:wrong@")) as alice, pytest.raises(redis.AuthenticationError):
        alice.ping()
