"""Each queue of a worker is a lane of its own, whatever its operator or its broker does."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from ctcollect.worker_report import read_report
from tests.fleet.lone_worker import LoneWorker
from tests.services.processes import wait_until
from tests.services.redis import RedisServer

LIMIT, ORDERS = 2, 20
HANGING = Rule("slow", probability=1, seconds=60)
# Longer than a task may take: each ends at once.
OBJECTING = Rule("throttle", probability=1, retry_after=100)
SECONDS = 3.0


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The worker's own Redis, which is killed under it."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def server() -> Iterator[LocalLogServer]:
    """The host of an operator that has its bad days."""
    with LocalLogServer([LocalLog.generate("slow", 1024, seed=6)], max_entries=32) as server:
        yield server


@pytest.fixture(scope="module")
def good() -> Iterator[LocalLogServer]:
    """The host of another one."""
    with LocalLogServer([LocalLog.generate("good", 1024, seed=6)], max_entries=32) as server:
        yield server


@pytest.fixture(scope="module")
def alice(tmp_path_factory: pytest.TempPathFactory, redis: RedisServer) -> Iterator[LoneWorker]:
    """She serves both, two tasks at a time each; it is 'google' whose log is slow."""
    folder = tmp_path_factory.mktemp("alice")
    queues, options = ["google", "digicert"], ["--concurrency", str(LIMIT)]
    with LoneWorker(folder, redis, queues, *options, CTCOLLECT_VISIBILITY_TIMEOUT_SECONDS="600") as alice:
        wait_until(alice.lanes, "an answer of alice")
        yield alice
        assert "Traceback" not in alice.process.output()


def wait_until_empty(alice: LoneWorker, queue: str, seconds: float = 30) -> None:
    """Until nothing of a queue waits and nothing of it is under way."""
    wait_until(lambda: alice.waiting(queue) == 0 and alice.busy(queue) == 0, f"{queue} done", seconds)


def test_a_hanging_operator_takes_only_its_own_lane(
    alice: LoneWorker, server: LocalLogServer, good: LocalLogServer
) -> None:
    """It holds as many tasks as its lane takes, the rest stays in Redis for others; the other queue goes on."""
    server.faults = Faults(HANGING)
    alice.order(server, "slow", "google", ORDERS)
    wait_until(lambda: alice.busy("google") == LIMIT, "a full lane")
    alice.order(good, "good", "digicert", ORDERS)
    wait_until_empty(alice, "digicert", SECONDS)
    assert alice.waiting("google") == ORDERS - LIMIT
    assert alice.lanes()["google"] | {"busy": LIMIT, "limit": LIMIT, "takes_work": False} == alice.lanes()["google"]


def test_lanes_are_right_after_redis_was_killed(
    alice: LoneWorker, server: LocalLogServer, good: LocalLogServer, redis: RedisServer
) -> None:
    """Tasks that outlive their connection still fill their lane; once they have ended it is free to the last place."""
    redis.kill()
    redis.start()
    wait_until(alice.lanes, "an answer of alice")
    alice.order(good, "good", "digicert", ORDERS)
    wait_until_empty(alice, "digicert", SECONDS)
    assert alice.busy("google") == LIMIT
    server.faults.stop()
    server.faults = Faults()
    wait_until_empty(alice, "google")
    server.faults = Faults(HANGING)
    alice.order(server, "slow", "google", ORDERS)
    wait_until(lambda: alice.busy("google") == LIMIT, "a full lane")
    assert alice.waiting("google") == ORDERS - LIMIT
    server.faults.stop()
    server.faults = Faults()
    wait_until_empty(alice, "google")


def test_a_heartbeat_tells_of_spool_and_lanes(alice: LoneWorker) -> None:
    """What waits to be delivered, the room for more, and each lane that is served; nothing else of her machine."""
    heard: list[dict[str, Any]] = []
    with alice.app.connection_for_read() as connection:
        receiver = alice.app.events.Receiver(connection, handlers={"worker-heartbeat": heard.append})
        wait_until(lambda: heard or any(receiver.itercapture(limit=1, timeout=5)), "a heartbeat")
    report = read_report(heard[0])
    assert report is not None
    assert (report.spool_harvests, report.spool_bytes) == (0, 0)
    assert report.spool_free_bytes
    assert report.lanes.keys() == {"google", "digicert"}
    assert report.lanes["digicert"]["limit"] == LIMIT


def test_rate_limit_by_remote_control(alice: LoneWorker, good: LocalLogServer) -> None:
    """It binds at once, from then on as many tasks a second are taken; 0 takes it away; nonsense is refused."""
    control = alice.app.control
    task = "ctcollect.fetch.digicert"
    assert "error" in control.rate_limit(task, "often", reply=True)[0]["alice@here"]
    assert "ok" in control.rate_limit(task, "2/s", reply=True)[0]["alice@here"]
    assert alice.lanes()["digicert"]["tasks_per_second"] == 2
    alice.order(good, "good", "digicert", ORDERS)
    time.sleep(SECONDS)
    assert 2 * SECONDS <= ORDERS - alice.waiting("digicert") <= 2 * (SECONDS + 2) + LIMIT
    control.rate_limit(task, 0, reply=True)
    wait_until_empty(alice, "digicert", SECONDS)


def test_a_paused_host_leaves_its_orders_to_others(
    alice: LoneWorker, server: LocalLogServer, good: LocalLogServer
) -> None:
    """After 429 with a long Retry-After the queue is left alone, and the worker does next to nothing meanwhile."""
    server.faults = Faults(OBJECTING)
    alice.order(server, "slow", "google", ORDERS)
    wait_until(lambda: alice.lanes().get("google", {}).get("pause_seconds", 0) > 0, "a pause")
    wait_until(lambda: alice.busy("google") == 0, "an empty lane")
    left = alice.waiting("google")
    assert left >= ORDERS - 2 * LIMIT
    alice.order(good, "good", "digicert", ORDERS)
    wait_until_empty(alice, "digicert", SECONDS)
    assert alice.waiting("google") == left
