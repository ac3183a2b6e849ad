"""Harvests that the broker does not take are kept and tried again, and the collection is right in the end."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from tests.fleet.fleet import Fleet, jp_indices
from tests.services.processes import wait_until
from tests.services.redis import RedisServer

ENTRIES = 8_000
SLOW = Rule("slow", probability=1, seconds=0.3, endpoint="get-entries")
LIMITS = {
    "CTCOLLECT_LEASE_SECONDS": "600",
    "CTCOLLECT_VISIBILITY_TIMEOUT_SECONDS": "6",
    "CTCOLLECT_LANE_CONCURRENCY": "2",
    "CTCOLLECT_SPOOL_RETRY_SECONDS": "2",
}
END_SECONDS = 5.0
QUIET_SECONDS = 2.0
# What a friend may do who may not send harvests: all but touch the key ``results``.
FORBIDDEN, ALLOWED = ["resetkeys", "~[^r]*"], ["~*"]


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The fleet's own Redis, which the tests ill-treat."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, redis: RedisServer) -> Iterator[Fleet]:
    """A coordinator and beat on SQLite; friends try again every two seconds."""
    folder = tmp_path_factory.mktemp("fleet")
    with Fleet(folder, redis.url, f"sqlite:///{folder}/ct.sqlite", **LIMITS) as fleet:
        fleet.start_coordinator()
        yield fleet


@pytest.fixture(scope="module")
def server(fleet: Fleet) -> Iterator[LocalLogServer]:
    """A log for each test, all of one content."""
    content = LocalLog.generate("content", ENTRIES, seed=6)
    logs = [
        LocalLog(name, content.entries, 6, "DigiCert", truth=content.truth)
        for name in ("away", "ended", "refused", "diskless", "full")
    ]
    with LocalLogServer(logs, faults=Faults(SLOW)) as server:
        fleet.import_logs(server)
        yield server


@pytest.fixture
def data_dir(fleet: Fleet, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The data folder of alice, who ends with the test."""
    yield fleet.folder / request.node.name
    if alice := fleet.parts.pop("alice", None):
        alice.terminate()


def kept(data_dir: Path) -> list[Path]:
    return list((data_dir / "spool").glob("*.json.zst"))


def begin(fleet: Fleet, name: str, data_dir: Path, **variables: str) -> None:
    """Alice has done some of the log and has more in her hands."""
    fleet.plan(name)
    fleet.start_worker("alice", "digicert", CTCOLLECT_DATA_DIR=str(data_dir), **variables)


def assert_all_is_right(fleet: Fleet, log: LocalLog, data_dir: Path) -> None:
    """All of the log is verified, its sightings are those that it is known to hold; nothing is kept any more."""
    fleet.wait_for(log.name, "verified", ENTRIES)
    assert fleet.sighted(log.name) == jp_indices(log)
    wait_until(lambda: not kept(data_dir), "an empty spool")


def test_redis_is_away(fleet: Fleet, redis: RedisServer, server: LocalLogServer, data_dir: Path) -> None:
    """What was being fetched goes into the spool, the worker lives on and delivers when Redis is back."""
    begin(fleet, "away", data_dir)
    fleet.wait_for("away", "done", 1000)
    redis.kill()
    wait_until(lambda: len(kept(data_dir)) >= 2, "kept harvests")
    fleet.check()
    redis.start()
    assert_all_is_right(fleet, server.logs["away"], data_dir)


def test_a_worker_ends_while_redis_is_away(
    fleet: Fleet, redis: RedisServer, server: LocalLogServer, data_dir: Path
) -> None:
    """Told to end it goes in time and leaves its harvests in the spool; the next one in the folder delivers them."""
    begin(fleet, "ended", data_dir)
    fleet.wait_for("ended", "done", 1000)
    redis.kill()
    alice = fleet.parts.pop("alice")
    alice.send_signal(signal.SIGTERM)
    assert alice.wait(END_SECONDS) == 0
    left = kept(data_dir)
    assert left
    redis.start()
    fleet.start_worker("alice", "digicert", CTCOLLECT_DATA_DIR=str(data_dir))
    assert_all_is_right(fleet, server.logs["ended"], data_dir)


def alices_url(redis: RedisServer) -> str:
    """The broker as a user of her own, whose rights are set by grant()."""
    grant(redis, "reset", "on", ">secret", "+@all", "&*", *FORBIDDEN)
    return redis.url.replace("redis://", "redis://alice:secret@")


def grant(redis: RedisServer, *rules: str) -> None:
    with redis.client() as client:
        client.execute_command("ACL", "SETUSER", "alice", *rules)


def settled(figure: Callable[[], int]) -> int:
    """The figure when it has stayed the same for a while: what was under way has arrived, also on a busy machine."""
    last, since = figure(), time.monotonic()
    while time.monotonic() - since < 3 * QUIET_SECONDS:
        time.sleep(0.1)
        if (present := figure()) != last:
            last, since = present, time.monotonic()
    return last


def test_a_full_spool_stops_new_work(fleet: Fleet, redis: RedisServer, server: LocalLogServer, data_dir: Path) -> None:
    """A Redis that refuses: when the spool is full no order is taken, and when it is empty work goes on."""
    begin(fleet, "refused", data_dir, CTCOLLECT_BROKER_URL=alices_url(redis), CTCOLLECT_SPOOL_MAX_BYTES="1")
    fleet.parts["alice"].wait_for_line("The spool is full")
    harvests = settled(lambda: len(kept(data_dir)))
    requests = server.stats()["logs"]["refused"]["requests"]
    time.sleep(QUIET_SECONDS)
    assert 1 <= len(kept(data_dir)) == harvests < ENTRIES // 1024
    assert server.stats()["logs"]["refused"]["requests"] == requests
    assert fleet.log("refused")["done"] == 0
    grant(redis, *ALLOWED)
    assert_all_is_right(fleet, server.logs["refused"], data_dir)
    assert "The spool has room again" in fleet.parts["alice"].output()


def test_a_data_folder_that_takes_nothing(
    fleet: Fleet, redis: RedisServer, server: LocalLogServer, data_dir: Path
) -> None:
    """A disk that refuses too: one warning, the harvests are kept in memory and delivered from there."""
    data_dir.write_bytes(b"no folder")
    begin(fleet, "diskless", data_dir, CTCOLLECT_BROKER_URL=alices_url(redis))
    fleet.parts["alice"].wait_for_line("kept in memory")
    time.sleep(QUIET_SECONDS)
    grant(redis, *ALLOWED)
    assert_all_is_right(fleet, server.logs["diskless"], data_dir)
    assert fleet.parts["alice"].output().count("kept in memory") == 1


def test_a_full_redis(fleet: Fleet, redis: RedisServer, server: LocalLogServer, data_dir: Path) -> None:
    """It takes no harvest, and no note of what is taken: harvests are kept, no order is lost, nobody ends."""
    begin(fleet, "full", data_dir)
    fleet.wait_for("full", "done", 1000)
    with redis.client() as client:
        client.config_set("maxmemory", 1)
        wait_until(lambda: len(kept(data_dir)) >= 4, "kept harvests")
        fleet.check()
        client.config_set("maxmemory", 0)
    assert "the broker is full" in fleet.parts["alice"].output()
    assert_all_is_right(fleet, server.logs["full"], data_dir)
    assert "Traceback" not in fleet.parts["alice"].output() + fleet.parts["coordinator"].output()
