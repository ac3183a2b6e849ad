"""``ctcollect worker --processes N``: workers of one friend that start, live and end as one."""

import os
import re
import signal
import socket
from pathlib import Path

from celery import Celery

from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from tests.fleet.lone_worker import send_orders
from tests.services.processes import ProcessGroup, wait_until
from tests.services.programs import find_program
from tests.services.redis import RedisServer

NODES = {f"alice@{socket.gethostname()}", f"alice@{socket.gethostname()}-2"}
ORDERS, LIMIT = 20, 2
END_SECONDS = 5.0


def pids(app: Celery) -> dict[str, int]:
    """Of the workers that answer, by name."""
    answers = app.control.inspect(timeout=0.5).stats() or {}
    return {name: answer["pid"] for name, answer in answers.items()}


def both(app: Celery) -> dict[str, int]:
    """The same once both answer; a busy one may miss a question."""
    found = pids(app)
    return found if found.keys() == NODES else {}


def test_two_processes(processes: ProcessGroup, redis_server: RedisServer, broker_url: str, tmp_path: Path) -> None:
    """Each takes its share; one that is killed comes back; all end at once and hand back what they had."""
    environment = {
        "CTCOLLECT_BROKER_URL": broker_url,
        "CTCOLLECT_DATA_DIR": str(tmp_path),
        "CTCOLLECT_ALLOW_LOCAL_LOGS": "1",
        "CTCOLLECT_LANE_CONCURRENCY": str(LIMIT),
        "CTCOLLECT_PROGRESS_PLAIN_SECONDS": "0.2",
    }
    options = ["--friend", "alice", "--queues", "google", "--processes", "2"]
    friend = processes.start([find_program("ctcollect"), "worker", *options], environment)
    with (
        Celery(broker=broker_url) as app,
        LocalLogServer([LocalLog.generate("log", 1024, seed=6)], max_entries=32) as server,
        redis_server.client() as client,
    ):
        server.faults = Faults(Rule("slow", probability=1, seconds=60))
        first = wait_until(lambda: both(app), "both")
        send_orders(app, server, "log", "google", ORDERS)
        wait_until(lambda: client.llen("google") == ORDERS - 2 * LIMIT, "both busy")
        killed = first[max(NODES, key=len)]
        os.kill(killed, signal.SIGKILL)
        friend.wait_for_line(r"^2: This worker ended with status -9: it is started again in 1 s\.$")
        wait_until(lambda: pids(app).keys() == NODES and killed not in pids(app).values(), "the killed one again")
        friend.send_signal(signal.SIGINT)
        assert friend.wait(END_SECONDS) == 0
        assert not pids(app)
        assert client.hlen("unacked") == LIMIT  # of the killed one: they come back after the visibility timeout
        assert client.llen("results") + client.llen("google") == ORDERS - LIMIT
        server.faults.stop()
    lines = [line for line in friend.output().splitlines() if "Req: " in line]
    assert lines
    assert all(re.fullmatch(r"[12]: google +🌐 Req: .* ETA: -", line) for line in lines)
