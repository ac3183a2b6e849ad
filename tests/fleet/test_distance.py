"""A friend far from the broker has her next orders at hand."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctcollect.fleet.redis_server import free_port
from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from tests.fleet.lone_worker import LoneWorker
from tests.services.processes import ProcessGroup, wait_until
from tests.services.redis import RedisServer

LIMIT, ORDERS = 2, 12
DELAY_SECONDS = 0.05
HANGING = Rule("slow", probability=1, seconds=60)


@pytest.fixture
def distant_url(tmp_path: Path, redis: RedisServer) -> Iterator[str]:
    """The broker behind a proxy that delays every octet."""
    port = free_port()
    with ProcessGroup(tmp_path) as processes:
        command = [sys.executable, "-m", "benchmarks.delaying_proxy", str(port), str(redis.port), str(DELAY_SECONDS)]
        processes.start(command)
        yield redis.url.replace(f":{redis.port}", f":{port}")


@pytest.fixture
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The broker itself."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


def test_a_distant_worker_looks_ahead(tmp_path: Path, redis: RedisServer, distant_url: str) -> None:
    """It holds one order more for each thread of a lane, and no more threads are at work; in the end all is done."""
    options = ["--concurrency", str(LIMIT)]
    log = LocalLog.generate("slow", 1024, seed=6)
    with (
        LocalLogServer([log], max_entries=32, faults=Faults(HANGING)) as server,
        LoneWorker(tmp_path, redis, ["google"], *options, CTCOLLECT_BROKER_URL=distant_url) as alice,
    ):
        wait_until(alice.lanes, "an answer of alice")
        alice.order(server, "slow", "google", ORDERS)
        wait_until(lambda: alice.waiting("google") == ORDERS - 2 * LIMIT, "orders at hand")
        wait_until(lambda: alice.busy("google") == LIMIT, "a full lane")
        assert server.stats()["logs"]["slow"]["requests"] <= LIMIT
        server.faults.stop()
        server.faults = Faults()
        wait_until(lambda: alice.waiting("google") == 0 and alice.busy("google") == 0, "all done")
