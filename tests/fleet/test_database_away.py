"""The database goes away under a working fleet, and comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from ctcollect.routing import RESULTS
from tests.fleet.fleet import Fleet, jp_indices
from tests.services.mariadb import MariadbServer
from tests.services.processes import wait_until
from tests.services.redis import RedisServer

ENTRIES = 16_000
SLOW = Rule("slow", probability=1, seconds=0.4, endpoint="get-entries")
HIGH_WATER = 4


@pytest.fixture
def mariadb(tmp_path: Path) -> Iterator[MariadbServer]:
    """The fleet's own, which the test stops."""
    (tmp_path / "mariadb").mkdir()
    with MariadbServer(tmp_path / "mariadb") as server:
        server.create_database("away")
        yield server


@pytest.fixture
def server() -> Iterator[LocalLogServer]:
    with LocalLogServer([LocalLog.generate("away", ENTRIES, seed=9, operator="DigiCert")], faults=Faults(SLOW)) as log:
        yield log


@pytest.fixture
def fleet(
    tmp_path: Path, redis_server: RedisServer, broker_url: str, mariadb: MariadbServer, server: LocalLogServer
) -> Iterator[Fleet]:
    marks = {"CTCOLLECT_RESULTS_HIGH_WATER": str(HIGH_WATER), "CTCOLLECT_QUEUE_LOW_WATER": "4"}
    # With more in its hands the recorder would leave nothing in Redis.
    few = {"CTCOLLECT_COORDINATOR_CONCURRENCY": "2"}
    with Fleet(tmp_path, broker_url, mariadb.url("away"), **marks, **few) as fleet:
        fleet.import_logs(server)
        fleet.start_coordinator()
        fleet.start_worker("alice", "digicert")
        yield fleet


def test_harvests_wait_until_it_is_back(
    fleet: Fleet, redis_server: RedisServer, mariadb: MariadbServer, server: LocalLogServer
) -> None:
    """They pile up in Redis, to a mark; nobody ends; each part says what it waits for; then all is recorded, once."""
    fleet.plan("away")
    fleet.wait_for("away", "done", 1000)
    mariadb.stop()
    with redis_server.client() as client:
        wait_until(lambda: client.llen(RESULTS) >= HIGH_WATER, "harvests that wait")
    fleet.check()
    mariadb.start()
    fleet.wait_for("away", "verified", ENTRIES)
    assert fleet.sighted("away") == jp_indices(server.logs["away"])
    assert server.stats()["logs"]["away"]["entries"] < 1.05 * ENTRIES
    said = fleet.parts["coordinator"].output()
    assert "a harvest waits" in said
    assert "Traceback" not in said
    assert "reject requeue" not in said
