"""What is wrong with a worker or its machine is said in one calm line: no wrong start, no silent wait."""

import sys
from pathlib import Path

import pytest

from ctcollect import __version__
from ctcollect.errors import CANT_BE_RIGHT
from ctcollect.local_log import LocalLog, LocalLogServer
from tests.fleet.lone_worker import LoneWorker
from tests.services.processes import ProcessGroup, wait_until
from tests.services.programs import find_program
from tests.services.redis import RedisServer

# What is typed behind ``celery -A ctcollect worker``, and what the line says.
WRONG = {
    "-Q googel -n alice@%h": "'googel' is no queue",
    "-Q google,googel -n alice@%h": "'googel' is no queue",
    "-Q google -n al/ice@%h": "'al/ice' can't be a friend's name",
    "-Q google -n *@%h": "'*' can't be a friend's name",
    "-Q google -n %z@%h": "can't be a worker's name: of % only",
    "-Q google -n alice@a:b": "can't be a worker's name: after the @",
    "-Q google -n coordinator@%h": "'coordinator' can't be a friend's name",
    "-Q google": "say whose worker this is",
    "-Q google -n alice@%h -P solo": "leave --pool and --autoscale away",
}
# Starts celery with a clock that is so many seconds ahead.
WRONG_CLOCK = "import sys, time; real = time.time; time.time = lambda: real() + {}; sys.argv[:] = sys.argv[1:]; "
WRONG_CLOCK += "from celery.__main__ import main; main()"


@pytest.fixture
def redis(redis_server: RedisServer, broker_url: str) -> RedisServer:
    """An empty one."""
    assert broker_url == redis_server.url
    return redis_server


def test_a_wrong_command_line(processes: ProcessGroup) -> None:
    """Names that Celery or Redis would trip on, unknown queues, no name, a pool without lanes: one line, status 1."""
    celery = find_program("celery")
    started = {typed: processes.start([celery, "-A", "ctcollect", "worker", *typed.split()]) for typed in WRONG}
    for typed, process in started.items():
        assert process.wait() == 1, typed
        assert process.output().startswith(f"Error: {WRONG[typed]}") or WRONG[typed] in process.output(), typed
        assert process.output().count("\n") == 1, typed


@pytest.mark.parametrize(
    ("seconds", "status", "said"), [(60, 0, "60 s ahead of"), (-400, CANT_BE_RIGHT, "400 s behind")]
)
def test_a_wrong_clock(tmp_path: Path, redis: RedisServer, seconds: int, status: int, said: str) -> None:
    """A minute is a warning; beyond half of the visibility timeout work would be done twice: the worker ends."""
    wrapper = [sys.executable, "-c", WRONG_CLOCK.format(seconds)]
    with LoneWorker(tmp_path, redis, ["google"], wrapper=wrapper) as alice:
        alice.process.wait_for_line(f"clock is {said} the broker's")
        if not status:
            wait_until(alice.lanes, "an answer of alice")
            alice.process.terminate()
        assert alice.process.wait(10) == status
        assert "Traceback" not in alice.process.output()


def test_a_version_that_is_too_old(tmp_path: Path, redis: RedisServer) -> None:
    """The coordinator says which versions it takes: an older worker says so, ends, and leaves its orders to others."""
    with (
        LocalLogServer([LocalLog.generate("log", 1024, seed=6)], max_entries=32) as server,
        LoneWorker(tmp_path, redis, ["google"]) as alice,
    ):
        wait_until(alice.lanes, "an answer of alice")
        for oldest in ("", __version__, "0.0.1", "nonsense", 7):
            alice.announce(oldest_client=oldest)
        assert alice.lanes()["google"]["takes_work"]
        alice.announce(oldest_client="99.1")
        alice.process.wait_for_line(f"ctcollect {__version__} is too old for this fleet, which takes 99.1 and later")
        assert alice.process.wait(5) == CANT_BE_RIGHT
        alice.order(server, "log", "google", 1)
        assert alice.waiting("google") == 1
        assert "Traceback" not in alice.process.output()


def test_a_name_that_is_taken(tmp_path: Path, redis: RedisServer) -> None:
    """A second worker of one name on one machine says so and ends; when the first one is killed the name is free."""
    with LoneWorker(tmp_path, redis, ["google"]) as alice:
        wait_until(alice.lanes, "an answer of alice")
        (tmp_path / "second").mkdir()
        variables = {"CTCOLLECT_DATA_DIR": str(tmp_path / "data")}
        with LoneWorker(tmp_path / "second", redis, ["google"], **variables) as second:
            assert second.process.wait(10) == CANT_BE_RIGHT
            assert "runs on this machine already" in second.process.output()
        alice.process.kill()
        (tmp_path / "third").mkdir()
        with LoneWorker(tmp_path / "third", redis, ["google"], **variables) as third:
            wait_until(third.lanes, "an answer of the third")
