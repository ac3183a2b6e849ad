"""A friend who was invited, from the command that is sent to her to the day on which she is not needed any more."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from celery import Celery
from redis.exceptions import AuthenticationError
from sqlalchemy import func, select

from ctcollect.collect import Collector
from ctcollect.harvest import Harvest, Order
from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from ctcollect.models import LeaseRow
from ctcollect.routing import account_of
from ctcollect.settings import load
from ctcollect.store import logs
from ctcollect.store.deliveries import range_deliveries
from ctcollect.store.refused import count as refused_harvests
from tests.fleet.fleet import Fleet, jp_indices
from tests.fleet.invited import connected, invite, invite_here
from tests.fleet.test_strange_messages import encoded, message
from tests.services.processes import wait_until
from tests.services.redis import RedisServer

ENTRIES = 8_192
# Busy workers: whatever happens hits orders that are not acknowledged.
SLOW = Rule("slow", probability=1, seconds=0.2, endpoint="get-entries")
HANGING = [Rule("slow", probability=1, seconds=60, endpoint="get-entries", log=name) for name in ("returns", "removal")]
LIMITS = {
    "CTCOLLECT_LEASE_SECONDS": "600",
    "CTCOLLECT_VISIBILITY_TIMEOUT_SECONDS": "5",
    "CTCOLLECT_LANE_CONCURRENCY": "1",
    "CTCOLLECT_RESULTS_HIGH_WATER": "20",
    "CTCOLLECT_SECOND_OPINION_SHARE": "0",
}
FLOOD = 5_000
STOP_SECONDS = 5.0
OPERATORS = {
    "whole": "DigiCert",
    "claims": "TrustAsia",
    "returns": "Google",
    "removal": "Cloudflare",
    "restart": "DigiCert",
}


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The fleet's own Redis, whose restart forgets accounts: it has no ACL file."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer) -> Iterator[Fleet]:
    """A coordinator and beat; friends come by invitation only."""
    folder = tmp_path_factory.mktemp("fleet")
    with Fleet(folder, redis_server.url, f"sqlite:///{folder}/ct.sqlite", **LIMITS) as fleet:
        fleet.start_coordinator()
        yield fleet


@pytest.fixture(scope="module")
def server(fleet: Fleet) -> Iterator[LocalLogServer]:
    """A log for each test that needs one, all of one content."""
    content = LocalLog.generate("content", ENTRIES, seed=6)
    made = [LocalLog(name, content.entries, 6, operator, truth=content.truth) for name, operator in OPERATORS.items()]
    with LocalLogServer(made, faults=Faults(*HANGING, SLOW)) as server:
        fleet.import_logs(server)
        yield server


def start(fleet: Fleet, url: str, queue: str) -> None:
    """The worker of the friend whom the url of an invitation names."""
    friend = account_of(url)
    fleet.start_worker(friend, queue, CTCOLLECT_BROKER_URL=url)


def friends_of(fleet: Fleet, name: str) -> set[str]:
    """Who is credited with deliveries of a log."""
    with fleet.store.reading() as session:
        log_id = logs.log_named(session, name).log_id
        return {delivery.friend for delivery in range_deliveries(session, log_id, 0)}


def held_by(redis_server: RedisServer, friend: str) -> int:
    with redis_server.client() as client:
        return int(client.hlen(f"unacked.{friend}"))


def test_from_the_invitation_to_a_verified_log(fleet: Fleet, redis_server: RedisServer, server: LocalLogServer) -> None:
    """Two friends work through their accounts; one is killed, the other does what she had. Redis refused nothing."""
    start(fleet, invite(fleet, "alice"), "digicert")
    fleet.plan("whole")
    fleet.wait_for("whole", "done", 100)
    wait_until(lambda: held_by(redis_server, "alice") > 0, "orders with alice")
    fleet.kill("alice")
    assert held_by(redis_server, "alice") > 0
    start(fleet, invite_here(fleet, redis_server, "bob"), "digicert")
    fleet.wait_for("whole", "verified", ENTRIES)
    assert fleet.sighted("whole") == jp_indices(server.logs["whole"])
    assert friends_of(fleet, "whole") == {"alice", "bob"}
    assert fleet.is_running("bob")
    with redis_server.client() as client:
        assert client.acl_log() == []
        assert client.exists("unacked.alice", "results.alice", "results.bob") == 0


@pytest.mark.parametrize("command", ["shutdown", "pool_restart", "pool_grow", "add_consumer", "time_limit", "revoke"])
def test_remote_control_harms_no_friend(fleet: Fleet, redis_server: RedisServer, command: str) -> None:
    """Not even the coordinator can do that to a machine that was lent; what a worker is busy with it still tells."""
    arguments = {"queue": "control", "task_name": "x", "task_id": "x", "n": 9}
    worker = f"bob@{socket.gethostname()}"
    with Celery(broker=redis_server.url) as app:
        answer = app.control.broadcast(command, arguments, destination=[worker], reply=True, timeout=9, limit=1)
        assert answer == [{worker: {"error": "a worker of ctcollect does not obey this command"}}]
        assert app.control.ping([worker], timeout=9, limit=1) == [{worker: {"ok": "pong"}}]
    fleet.check()


def harvest_of(fleet: Fleet, server: LocalLogServer, name: str, start: int) -> Harvest:
    """What a worker that does its work brings of the first units behind ``start``."""
    with fleet.store.reading() as session:
        log = logs.log_named(session, name)
        order = Order(log.log_id, name, log.url, log.kind, log.queue, start, start + 64, 64)
    collector = Collector(load({"CTCOLLECT_ALLOW_LOCAL_LOGS": "1"}))
    return list(collector.collect(order))[-1]


def test_her_account_tells_who_she_is(fleet: Fleet, redis_server: RedisServer, server: LocalLogServer) -> None:
    """Her harvest that says that bob has sent it is credited to alice; in the common list nobody can be alice."""
    url = invite(fleet, "alice", "--new-password")
    fleet.plan("claims")
    first, second = (harvest_of(fleet, server, "claims", start).to_json() for start in (0, 64))
    forged: dict[str, Any] = {"delivery_tag": "tag", "delivery_info": {"exchange": "", "routing_key": "results.bob"}}
    with connected(url) as alice:
        alice.lpush("results.alice", message(args=[first, "bob@home"], properties=forged))
    fleet.wait_for("claims", "done", 64)
    assert friends_of(fleet, "claims") == {"alice"}
    refused = refused_by(fleet)
    with redis_server.client() as client:
        client.lpush("results", message(args=[second, "alice@home"]))
        client.lpush("results", message(args=[second, "carol@home"]))
    fleet.wait_for("claims", "done", 128)
    assert friends_of(fleet, "claims") == {"alice", "carol"}
    wait_until(lambda: refused_by(fleet) == refused + 1, "the refusal of who said to be alice")


def refused_by(fleet: Fleet) -> int:
    with fleet.store.reading() as session:
        return refused_harvests(session)


def taken_by(fleet: Fleet, redis_server: RedisServer, url: str, queue: str, name: str) -> int:
    """How many orders there are of a log that does not answer, when the friend's worker holds some of them."""
    fleet.plan(name)
    # The ledger has all of them before the first is sent; then they come one by one.
    wait_until(lambda: 0 < leases_of(fleet, name) == waiting(redis_server, queue), f"orders of {name}")
    orders = leases_of(fleet, name)
    start(fleet, url, queue)
    friend = account_of(url)
    wait_until(lambda: held_by(redis_server, friend), f"orders with {friend}")
    return orders


def leases_of(fleet: Fleet, name: str) -> int:
    with fleet.store.reading() as session:
        log_id = logs.log_named(session, name).log_id
        return session.scalars(select(func.count()).where(LeaseRow.log_id == log_id)).one()


def waiting(redis_server: RedisServer, queue: str) -> int:
    with redis_server.client() as client:
        return int(client.llen(queue))


def test_a_worker_hands_back_at_once(fleet: Fleet, redis_server: RedisServer, server: LocalLogServer) -> None:
    """Ctrl+C ends her worker within seconds, and what it held waits for others: no time-out has to pass."""
    url = invite_here(fleet, redis_server, "dora")
    orders = taken_by(fleet, redis_server, url, "google", "returns")
    started = time.monotonic()
    assert fleet.parts.pop("dora").terminate() == 0
    assert time.monotonic() - started < STOP_SECONDS
    wait_until(lambda: waiting(redis_server, "google") == orders, "all of it in the queue", STOP_SECONDS)
    assert held_by(redis_server, "dora") == 0


def test_a_friend_who_is_removed(fleet: Fleet, redis_server: RedisServer, server: LocalLogServer) -> None:
    """Her connections end, nobody comes in with her password, nothing of hers is left, and others get what she held."""
    url = invite_here(fleet, redis_server, "harald")
    orders = taken_by(fleet, redis_server, url, "cloudflare", "removal")
    assert "orders that she held are issued again" in fleet.command("friend", "remove", "harald")
    with redis_server.client() as client:
        assert "harald" not in client.acl_users()
        assert list(client.scan_iter("*.harald")) == []
    wait_until(lambda: waiting(redis_server, "cloudflare") == orders, "all of it in the queue")
    with connected(url) as harald, pytest.raises(AuthenticationError):
        harald.ping()
    fleet.parts.pop("harald").kill()


def test_what_she_claims_to_hold_reaches_no_queue(fleet: Fleet, redis_server: RedisServer) -> None:
    """Kombu's own way back would put it there, as the coordinator."""
    held = [orjson.loads(message("ctcollect.fetch.trustasia", [{"start": 0}])), "", "nobodys"]
    with connected(invite_here(fleet, redis_server, "mallory")) as mallory, redis_server.client() as client:
        for number, junk in enumerate((orjson.dumps(held), b"no JSON", b"[]", orjson.dumps([{"body": encoded([])}]))):
            mallory.hset("unacked.mallory", f"tag{number}", junk)
            mallory.zadd("unacked_index.mallory", {f"tag{number}": 0})
        wait_until(lambda: not client.exists("unacked.mallory", "unacked_index.mallory"), "the junk cleared away")
        assert client.exists("nobodys") == 0
    fleet.check()


def test_her_events_speak_of_her_workers_only(fleet: Fleet, redis_server: RedisServer) -> None:
    """By her channel nobody else can be announced, and nothing strange stops the coordinator from listening."""
    beat = {"type": "worker-online", "clock": 1, "timestamp": 1.0, "pid": 1, "utcoffset": 0}
    strange: list[Any] = [7, [], {}, {"type": 1}, {"type": "worker-online"}, beat | {"hostname": "zoe@x", "clock": "x"}]
    with connected(invite_here(fleet, redis_server, "zoe")) as zoe:
        for event in [*strange, beat | {"hostname": "ghost@x"}, beat | {"hostname": "zoe@x"}]:
            packed = orjson.loads(message()) | {"body": encoded(event), "headers": {"hostname": "ghost@x"}}
            zoe.publish("/0.celeryev.zoe/worker.online", orjson.dumps(packed))
        zoe.publish("/0.celeryev.zoe/worker.online", b"no JSON")
    wait_until(lambda: fleet.is_running("zoe"), "zoe shown as running")
    assert not fleet.is_running("ghost")


def test_a_flood_ends_the_account(fleet: Fleet, redis_server: RedisServer) -> None:
    """Whoever sends more than any worker can is cut off, and what is waiting is thrown away."""
    url = invite_here(fleet, redis_server, "flood")
    with connected(url) as flood, redis_server.client() as client:
        with flood.pipeline() as pipe:
            for _ in range(FLOOD):
                pipe.lpush("results.flood", b"x")
            pipe.execute()
        wait_until(lambda: "flood" not in client.acl_users(), "the account removed")
        wait_until(lambda: not client.exists("results.flood"), "her list away")
    line = next(line for line in fleet.command("friend", "list").splitlines() if "flood" in line)
    assert "removed: its lists held" in line


def test_a_restart_of_redis_forgets_no_account(fleet: Fleet, redis_server: RedisServer, server: LocalLogServer) -> None:
    """It has no ACL file, so the coordinator makes the accounts again, and the worker that was there goes on."""
    fleet.plan("restart")
    fleet.wait_for("restart", "done", 100)
    redis_server.kill()
    redis_server.start()
    fleet.wait_for("restart", "verified", ENTRIES)
    assert friends_of(fleet, "restart") == {"bob"}
