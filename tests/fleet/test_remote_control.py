"""What the coordinator says reaches workers that run, within seconds; and what a worker keeps to itself."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery

from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from tests.fleet.fleet import Fleet, jp_indices
from tests.proxies import CREDENTIALS, PASSWORD
from tests.services.processes import wait_until
from tests.services.redis import RedisServer

ENTRIES, ANSWER_ENTRIES = 8192, 4
OWN_PER_SECOND = 30
HANGING = Rule("slow", probability=1, seconds=60, endpoint="get-entries")
SECONDS = 4.0


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, redis: RedisServer) -> Iterator[Fleet]:
    """A coordinator and alice, whose own ceiling leaves a test the time that it needs; leases are long."""
    folder = tmp_path_factory.mktemp("fleet")
    variables = {"PACE_CEILING_PER_SECOND": str(OWN_PER_SECOND), "LEASE_SECONDS": "600", "TASK_SECONDS": "2"}
    named = {f"CTCOLLECT_{name}": value for name, value in variables.items()}
    with Fleet(folder, redis.url, f"sqlite:///{folder}/ct.sqlite", **named) as fleet:
        fleet.start_coordinator()
        fleet.start_worker("alice", "digicert")
        yield fleet


@pytest.fixture(scope="module")
def server(fleet: Fleet) -> Iterator[LocalLogServer]:
    log = LocalLog.generate("demo", ENTRIES, seed=6, operator="DigiCert", jp_share=0.05)
    with LocalLogServer([log], max_entries=ANSWER_ENTRIES) as server:
        fleet.want(server)
        fleet.wait_for("demo", "done", 1)
        yield server


def requests_in(server: LocalLogServer, seconds: float) -> int:
    before = server.stats()["requests"]
    time.sleep(seconds)
    return int(server.stats()["requests"]) - before


def test_a_pace_takes_effect_at_once(fleet: Fleet, server: LocalLogServer) -> None:
    """A lower ceiling slows the worker within seconds; when it is taken back the worker gets faster step by step."""
    host = server.url.removeprefix("http://").rstrip("/")
    wait_until(lambda: requests_in(server, 1.0) > 15, "the worker's own pace", 20)
    # Her first heartbeats may have come before the coordinator listened.
    told = "2/s for the fleet, 2/s for each of 1 running worker"
    wait_until(lambda: told in fleet.command("pace", host, "120/m"), "alice is known")
    wait_until(lambda: 3 <= requests_in(server, 2.5) <= 7, "the fleet's pace", 20)
    fleet.command("pace", host, "auto")
    wait_until(lambda: requests_in(server, 1.0) > 3, "a higher pace", 20)


def test_a_paused_log_is_left_at_once(fleet: Fleet, redis: RedisServer, server: LocalLogServer) -> None:
    """Though it hangs: every order is handed back, waiting ones too, and the log is asked no more. No warning."""
    server.faults = Faults(HANGING)
    wait_until(lambda: requests_in(server, 0.3) == 0, "all threads hang")
    with redis.client() as client:
        assert client.hlen("unacked") > 0
        fleet.command("logs", "pause", "demo")
        wait_until(lambda: client.hlen("unacked") == client.llen("digicert") == 0, "orders handed back", SECONDS)
    server.faults.stop()
    server.faults = Faults()
    time.sleep(0.5)  # until what hung has been counted
    assert requests_in(server, 1.0) == 0
    assert "WARNING" not in fleet.parts["alice"].output()


def test_a_worker_that_comes_later_leaves_it_too(fleet: Fleet, redis: RedisServer, server: LocalLogServer) -> None:
    """An order from before the pause that bob finds in the queue comes back unread."""
    fleet.parts.pop("alice").terminate()
    fleet.command("logs", "resume", "demo")
    with redis.client() as client:
        wait_until(lambda: client.llen("digicert") > 0, "orders")
        fleet.command("logs", "pause", "demo")
        assert client.llen("digicert") > 0
        before = server.stats()["logs"]["demo"]["entries"]
        fleet.start_worker("bob", "digicert", CTCOLLECT_PACE_CEILING_PER_SECOND="0.5")
        wait_until(lambda: client.llen("digicert") == client.hlen("unacked") == 0, "they have come back")
    assert server.stats()["logs"]["demo"]["entries"] - before <= 8 * ANSWER_ENTRIES


def test_a_resumed_log_is_read_to_its_end(fleet: Fleet, server: LocalLogServer) -> None:
    """Nothing of what was broken off is lost, nor of what dave asks for through a proxy that is dead."""
    fleet.parts.pop("bob").terminate()
    fleet.command("logs", "resume", "demo")
    variables = {"CTCOLLECT_PACE_CEILING_PER_SECOND": "0", "CTCOLLECT_TASK_SECONDS": "60"}
    proxies = ("--proxy", f"http://{CREDENTIALS}127.0.0.1:1", "--proxy", "direct")
    fleet.start_friend("dave", "--queues", "digicert", *proxies, **variables)
    fleet.wait_for("demo", "verified", ENTRIES)
    assert fleet.sighted("demo") == jp_indices(server.logs["demo"])


def test_credentials_are_shown_nowhere(fleet: Fleet, redis: RedisServer) -> None:
    """Not in dave's output, nor on his command line, nor in what Celery and Flower can ask him."""
    dave = fleet.parts["dave"]
    assert "the proxy http://127.0.0.1:1 " in dave.output()
    inspect = Celery(broker=redis.url).control.inspect(timeout=2)
    shown = [str(ask()) for ask in (inspect.conf, inspect.report, inspect.stats, inspect.active_queues)]
    shown += [Path(f"/proc/{dave.pid}/cmdline").read_text(), fleet.command("status", "--json"), dave.output()]
    assert "dave@" in shown[0]
    for text in shown:
        assert PASSWORD not in text
        assert "s3cret" not in text
