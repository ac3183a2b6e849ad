"""What a friend sees of a worker: one line a lane, warnings, and nothing else."""

import os
import re
import signal
import sys
import time
from collections.abc import Iterator

import pytest

from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from tests.fleet.lone_worker import LoneWorker
from tests.services.processes import wait_until
from tests.services.redis import RedisServer

ENTRIES, ORDERS = 1024, 32
ON_A_TERMINAL = [sys.executable, "-c", "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))"]
ROOT_WARNING = re.compile(r"(?s)\S*platforms.py:\d+: SecurityWarning.*?_warn_or_raise_security_error\(.*?\n")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(scope="module")
def server() -> Iterator[LocalLogServer]:
    """A log of 1,024 entries, 32 an answer."""
    with LocalLogServer([LocalLog.generate("log", ENTRIES, seed=6, jp_share=0.1)], max_entries=32) as server:
        yield server


@pytest.fixture
def redis(redis_server: RedisServer, broker_url: str) -> RedisServer:
    """An empty one."""
    assert broker_url == redis_server.url
    return redis_server


def words(alice: LoneWorker) -> str:
    """All that she has printed, but for Celery's word on a worker that the superuser runs, as a test may."""
    return ROOT_WARNING.sub("", alice.process.output())


def expected(server: LocalLogServer) -> tuple[int, str]:
    jp = sum(bool(truth.jp_names) for truth in server.logs["log"].truth)
    return jp, f"{jp / ENTRIES:.3%}"


def test_plain_lines(tmp_path_factory: pytest.TempPathFactory, redis: RedisServer, server: LocalLogServer) -> None:
    """Off a terminal: whole lines with the true figures and the ETA that the coordinator tells; nothing else at all."""
    jp, share = expected(server)
    folder = tmp_path_factory.mktemp("alice")
    with LoneWorker(folder, redis, ["google", "digicert"], CTCOLLECT_PROGRESS_PLAIN_SECONDS="0.5") as alice:
        alice.order(server, "log", "google", ORDERS)
        line = re.escape(f"google      🌐 Req: {ORDERS} | 📁 Uploaded: {jp} | 🇯🇵 JP: {jp} ({share}) | 📍 Index: ")
        line += r"[0-9,]+ \| ⏱️ ETA: "  # of several orders that are read at a time any may be the last one
        alice.process.wait_for_line(f"^{line}-$")
        alice.announce(ends_at={"log": time.time() + 34 * 3600 + 37 * 60 + 30, "other": "soon"})
        alice.process.wait_for_line(f"^{line}34h 37m$")
        alice.announce(ends_at=["nonsense"])
        assert alice.process.terminate() == 0
    assert words(alice).replace("\nworker: Warm shutdown (MainProcess)\n", "").splitlines() == re.findall(
        r"^(?:google  |digicert) +🌐 Req: .*ETA: .*$", words(alice), re.MULTILINE
    )


def test_no_emoji_where_they_can_not_be_written(
    tmp_path_factory: pytest.TempPathFactory, redis: RedisServer, server: LocalLogServer
) -> None:
    """With an ASCII terminal or the C locale the same line comes without signs."""
    for variables in ({"PYTHONIOENCODING": "ascii"}, {"LANG": "C"}):
        folder = tmp_path_factory.mktemp("alice")
        with LoneWorker(folder, redis, ["google"], CTCOLLECT_PROGRESS_PLAIN_SECONDS="0.5", **variables) as alice:
            alice.process.wait_for_line(
                r"^google      Req: 0 \| Uploaded: 0 \| JP: 0 \(0\.000%\) \| Index: - \| ETA: -$"
            )


def test_in_place_on_a_terminal(
    tmp_path_factory: pytest.TempPathFactory, redis: RedisServer, server: LocalLogServer
) -> None:
    """The lines of both lanes are written over; a warning stands whole above them; 429s and the pace are told."""
    server.faults = Faults(Rule("throttle", next=2, retry_after=0))
    variables = {"CTCOLLECT_PROGRESS_SECONDS": "0.5", "TERM": "xterm", "COLUMNS": "160", "LANG": "C.UTF-8"}
    folder = tmp_path_factory.mktemp("alice")
    queues = ["google", "digicert"]
    with LoneWorker(folder, redis, queues, wrapper=ON_A_TERMINAL, **variables) as alice:
        alice.order(server, "log", "google", 1)
        alice.process.wait_for_line("429: 2")
        alice.app.send_task("ctcollect.fetch.digicert", [{"version": 99}], queue="digicert")
        alice.process.wait_for_line("another version")
        wait_until(lambda: alice.process.output().count("google  ") > 4, "the line again")
        os.kill(alice.pid(), signal.SIGTERM)
        assert alice.process.wait() == 0
        shown = words(alice)
    assert shown.count("\x1b[1A") >= 4
    assert shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l")
    lines = [ESCAPE.sub("", line).strip() for line in re.split(r"[\r\n]+", shown)]
    assert all(re.match(r"(google|digicert) +🌐|\[.*WARNING|$|worker: Warm", line) for line in lines), lines
    assert any(re.match(r"\[.*WARNING.* An order is left alone: .*another version", line) for line in lines), lines
