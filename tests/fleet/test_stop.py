"""A worker that is told to end does so at once, whatever it waits for, and hands back all that it had."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

import orjson
import pytest

from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from tests.fleet.fleet import Fleet, jp_indices
from tests.services.processes import Process, wait_until
from tests.services.redis import RedisServer

ENTRIES, ANSWER_ENTRIES, CONCURRENCY = 4096, 32, 2
# Some answers come, then each thread meets one that does not.
HANGING = Rule("slow", probability=0.1, seconds=60, endpoint="get-entries")
QUIET_SECONDS = 1.0
END_SECONDS = 5.0
SHOWN_SECONDS = 7.0
IMPATIENCE_SECONDS = 0.1
ENDS = {
    "docker-stop": [signal.SIGTERM],
    "ctrl-c": [signal.SIGINT, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM],
}


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The fleet's own Redis."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, redis: RedisServer) -> Iterator[Fleet]:
    """A coordinator and beat, whose leases and time-outs are longer than a test: nothing comes back because of them."""
    folder = tmp_path_factory.mktemp("fleet")
    limits = {"CTCOLLECT_VISIBILITY_TIMEOUT_SECONDS": "600", "CTCOLLECT_LEASE_SECONDS": "600"}
    with Fleet(
        folder, redis.url, f"sqlite:///{folder}/ct.sqlite", CTCOLLECT_LANE_CONCURRENCY=str(CONCURRENCY), **limits
    ) as fleet:
        fleet.start_coordinator()
        yield fleet


@pytest.fixture(scope="module")
def server(fleet: Fleet) -> Iterator[LocalLogServer]:
    """A log for each way to end, all of one content."""
    content = LocalLog.generate("content", ENTRIES, seed=6)
    logs = [LocalLog(name, content.entries, 6, "DigiCert", truth=content.truth) for name in ENDS]
    with LocalLogServer(logs, max_entries=ANSWER_ENTRIES) as server:
        fleet.import_logs(server)
        yield server


def entries_given(server: LocalLogServer, name: str) -> int:
    """How many entries of the log were answered."""
    return int(server.stats()["logs"][name]["entries"])


def wait_until_it_hangs(server: LocalLogServer, name: str) -> None:
    """Until some answers of the log have come and no more do."""
    seen, since = 0, time.monotonic()

    def is_quiet() -> bool:
        nonlocal seen, since
        if (given := entries_given(server, name)) != seen:
            seen, since = given, time.monotonic()
        return seen > 0 and time.monotonic() - since > QUIET_SECONDS

    wait_until(is_quiet, "no answer any more")


def end(alice: Process, numbers: list[signal.Signals]) -> int:
    """Tell a worker to end in one of the ways; its exit status."""
    for number in numbers:
        alice.send_signal(number)
        time.sleep(IMPATIENCE_SECONDS)
    return alice.wait(END_SECONDS)


def tasks_held(redis: RedisServer) -> list[str]:
    """The names of the tasks that some worker has and has not acknowledged; the coordinator is always at something."""
    with redis.client() as client:
        return [orjson.loads(message)[0]["headers"]["task"] for message in client.hvals("unacked")]


@pytest.mark.parametrize("name", ENDS)
def test_a_worker_ends_at_once(fleet: Fleet, redis: RedisServer, server: LocalLogServer, name: str) -> None:
    """While its log hangs: gone with status 0, shown as stopped, no order left with it, what it had is recorded."""
    server.faults = Faults(replace(HANGING, log=name))
    fleet.start_worker("alice", "digicert")
    fleet.plan(name)
    wait_until_it_hangs(server, name)
    wait_until(lambda: fleet.is_running("alice"), "alice shown as running")
    done = fleet.log(name)["done"]
    assert end(fleet.parts.pop("alice"), ENDS[name]) == 0
    assert "ctcollect.fetch.digicert" not in tasks_held(redis)
    wait_until(lambda: not fleet.is_running("alice"), "alice shown as stopped", SHOWN_SECONDS)
    wait_until(lambda: fleet.log(name)["done"] > done, "what she had")
    server.faults.stop()


def test_nothing_is_lost_and_little_read_twice(fleet: Fleet, server: LocalLogServer) -> None:
    """What these workers handed back is read by the next one; only answers that hung are asked for again."""
    server.faults = Faults()
    fleet.start_worker("alice", "digicert")
    for name, log in server.logs.items():
        fleet.wait_for(name, "verified", ENTRIES)
        assert fleet.sighted(name) == jp_indices(log)
        assert server.stats()["logs"][name]["entries"] <= ENTRIES + CONCURRENCY * ANSWER_ENTRIES


def test_a_silent_broker_holds_no_worker(fleet: Fleet, redis: RedisServer) -> None:
    """Redis hangs: the worker of the test before is gone in time all the same, and says so calmly."""
    with redis.client() as client:
        pid = int(client.info()["process_id"])
    alice = fleet.parts.pop("alice")
    os.kill(pid, signal.SIGSTOP)
    try:
        alice.send_signal(signal.SIGTERM)
        assert alice.wait(END_SECONDS) == 0
    finally:
        os.kill(pid, signal.SIGCONT)
    assert "Nothing is lost." in alice.output()
    assert "Traceback" not in alice.output()
