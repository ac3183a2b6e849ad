"""What goes away in the middle of the work, and comes back or not: in the end the collection is right."""

import time
from collections.abc import Iterator

import pytest

from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from tests.fleet.fleet import Fleet, jp_indices
from tests.services.redis import RedisServer

ENTRIES = 16_000
# Slow answers keep every worker busy, so that an interruption always hits tasks that are not acknowledged.
SLOW = Rule("slow", probability=1, seconds=0.4, endpoint="get-entries")
SHORT = {
    "CTCOLLECT_LEASE_SECONDS": "6",
    "CTCOLLECT_VISIBILITY_TIMEOUT_SECONDS": "6",
    "CTCOLLECT_LANE_CONCURRENCY": "2",
}
GAP_SECONDS = 2


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The fleet's own Redis, which the tests ill-treat."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, redis: RedisServer) -> Iterator[Fleet]:
    """Coordinator, beat and two friends on SQLite, with leases of seconds."""
    folder = tmp_path_factory.mktemp("fleet")
    with Fleet(folder, redis.url, f"sqlite:///{folder}/ct.sqlite", **SHORT) as fleet:
        fleet.start_coordinator()
        fleet.start_worker("alice", "google", "digicert")
        fleet.start_worker("bob", "google", "digicert")
        yield fleet


@pytest.fixture(scope="module")
def server(fleet: Fleet) -> Iterator[LocalLogServer]:
    """A log for each test, all of one content, which the fleet knows. It serves to the end: orders may come twice."""
    content = LocalLog.generate("content", ENTRIES, seed=6)
    logs = [LocalLog(name, content.entries, 6, "DigiCert", truth=content.truth) for name in ("crash", "loss", "death")]
    with LocalLogServer(logs, faults=Faults(SLOW)) as server:
        fleet.import_logs(server)
        yield server


def begin(fleet: Fleet, server: LocalLogServer, name: str) -> LocalLog:
    """The log, of which the fleet has collected some and has more in its hands at this moment."""
    fleet.plan(name)
    fleet.wait_for(name, "done", 1000)
    assert fleet.log(name)["out"] > 0
    return server.logs[name]


def assert_all_is_right(fleet: Fleet, log: LocalLog) -> None:
    """Every part lives, the log is verified, its sightings are those that it is known to hold, once each."""
    fleet.wait_for(log.name, "verified", ENTRIES)
    assert fleet.sighted(log.name) == jp_indices(log)
    figures = fleet.log(log.name)
    assert figures["done"] == ENTRIES
    assert figures["sightings"] == len(jp_indices(log))


def test_redis_crashes_and_comes_back(fleet: Fleet, redis: RedisServer, server: LocalLogServer) -> None:
    """Redis is killed under busy workers and started again with its data: nobody ends, all is collected."""
    log = begin(fleet, server, "crash")
    redis.kill()
    time.sleep(GAP_SECONDS)
    redis.start()
    assert_all_is_right(fleet, log)


def test_redis_comes_back_empty(fleet: Fleet, redis: RedisServer, server: LocalLogServer) -> None:
    """Redis has lost the orders that waited: when their leases have run out they are issued again."""
    log = begin(fleet, server, "loss")
    with redis.client() as client:
        assert client.llen("digicert") > 0
    redis.restart(keep_data=False)
    assert_all_is_right(fleet, log)


def test_a_worker_is_killed(fleet: Fleet, server: LocalLogServer) -> None:
    """What a killed worker had taken comes back after the visibility timeout, and another one does the rest of it."""
    log = begin(fleet, server, "death")
    fleet.kill("bob")
    assert_all_is_right(fleet, log)
