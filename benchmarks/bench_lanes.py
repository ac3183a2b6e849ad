"""What one lane loses to a slow neighbour, and what a worker takes of a friend's machine.

    python -m benchmarks.bench_lanes [--write] [--quick]

Takes about three minutes; everything stays on this machine. Linux only, for it reads /proc.
"""

import os
import re
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import redis
import requests
from celery import Celery

from benchmarks.common import cpu_seconds_of, machine_line, markdown_table, median_and_range, served_logs
from benchmarks.program import run_as_program
from ctcollect.catalogue import Log
from ctcollect.fleet import commands
from ctcollect.fleet.processes import Children
from ctcollect.fleet.redis_server import start_redis
from ctcollect.harvest import Order
from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from ctcollect.routing import fetch_task
from ctcollect.settings import child_environment

FREE, SLOW = "cloudflare", "google"
ALL_QUEUES = {"google": "bench-32", "cloudflare": "bench-256", "digicert": "bench-256", "trustasia": "bench-32"}
REPEATS = 4
ROUNDS, ROUND_SECONDS = 3, 10.0
START_SECONDS, WARM_SECONDS, BUSY_SECONDS, IDLE_SECONDS = 30.0, 2.0, 20.0, 20.0
# An answer takes as long as one of a public log: else only this machine's processor would be measured.
ANSWER_SECONDS = 0.2
TASK_ENTRIES, TASKS = 2048, 300
MEBIBYTE = 2**20


@dataclass
class Bench:
    """Redis, the logs of benchmarks.common by name, a folder, and as many workers after each other as are asked for."""

    folder: Path
    broker_url: str
    logs: Mapping[str, Log]

    def __post_init__(self) -> None:
        self.app = Celery(broker=self.broker_url)
        self.app.conf.broker_transport_options = {"priority_steps": [0]}
        self.client = redis.Redis.from_url(self.broker_url)
        self._numbers = count()

    @contextmanager
    def worker(self, queue_names: Sequence[str], **variables: str) -> Iterator["Worker"]:
        """One of alice, ready for work; queues and results are empty. It is ended, if it still runs.

        ``variables`` are settings of its own.
        """
        self.client.flushall()
        data_dir = self.folder / f"data-{next(self._numbers)}"
        process = subprocess.Popen(
            commands.friend_worker("alice", queue_names),
            env=child_environment(
                {
                    "CTCOLLECT_BROKER_URL": self.broker_url,
                    "CTCOLLECT_DATA_DIR": str(data_dir),
                    "CTCOLLECT_ALLOW_LOCAL_LOGS": "1",
                    **variables,
                }
            ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until_ready(self.app)
            yield Worker(process, data_dir)
        finally:
            process.kill()
            process.wait()

    def order(
        self, queue: str, log_id: str, url: str, tasks: int = TASKS, entries: int = TASK_ENTRIES, batch: int = 256
    ) -> None:
        """Sub-ranges of a log, of ``entries`` each, from its start, as the feeder puts them into a queue."""
        for start in range(0, tasks * entries, entries):
            start %= entries * 8  # the same entries again and again: a worker does not mind
            order = Order(log_id, queue, url, "rfc6962", queue, start, start + entries, batch)
            self.app.send_task(fetch_task(queue), [order.to_json()], queue=queue)


@dataclass
class Worker:
    process: subprocess.Popen[bytes]
    data_dir: Path

    def peak_bytes(self) -> int:
        """The most memory that it ever had (proc(5): VmHWM)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024

    def cpu_share(self, seconds: float) -> float:
        """How much of one processor it takes during the next ``seconds``."""
        before = cpu_seconds_of(self.process.pid)
        time.sleep(seconds)
        return (cpu_seconds_of(self.process.pid) - before) / seconds

    def disk_bytes(self) -> int:
        """What its folder takes on the disk, the spool not counted."""
        files = (path for path in self.data_dir.rglob("*") if "spool" not in path.parts)
        return sum(path.stat().st_blocks * 512 for path in files)

    def stop(self) -> float:
        """Ctrl+C; the seconds until the process is gone."""
        started_at = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        return time.monotonic() - started_at


def wait_until_ready(app: Celery) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not app.control.ping(timeout=0.3):
        if time.monotonic() > deadline:
            raise SystemExit("the worker did not start")


def entries_given(log: Log) -> int:
    """What the server has given of a log so far."""
    statistics_of_all = requests.get(f"{server_url(log)}stats", timeout=10).json()
    return int(statistics_of_all["logs"][log.name]["entries"])


def server_url(log: Log) -> str:
    """The local log's server; the log's own url is one step below."""
    return log.url.rpartition(f"{log.name}/")[0]


def answer_after(seconds: float, log: Log) -> None:
    """From now on the server of ``log`` takes so long for each answer to get-entries."""
    rule = {"kind": "slow", "probability": 1, "seconds": seconds, "endpoint": "get-entries"}
    document = {"rules": [rule]} if seconds else {}
    requests.post(f"{server_url(log)}faults", json=document, timeout=10).raise_for_status()


def free_speed(bench: Bench, slow: LocalLogServer | None) -> float:
    """Entries per second of the free lane: of a worker of its own, or beside one that answers one request a second."""
    free = bench.logs["bench-256"]
    with bench.worker([FREE, SLOW] if slow else [FREE]):
        if slow is not None:
            log = slow.logs["slow"]
            bench.order(SLOW, log.log_id.hex(), slow.log_url("slow"))
        bench.order(FREE, free.log_id, free.url)
        time.sleep(WARM_SECONDS)
        before, started_at = entries_given(free), time.monotonic()
        time.sleep(ROUND_SECONDS)
        return (entries_given(free) - before) / (time.monotonic() - started_at)


def neighbours(bench: Bench, rounds: int) -> str:
    """Alone and beside, in turn."""
    answer_after(ANSWER_SECONDS, bench.logs["bench-256"])
    alone, beside = [], []
    limit = Faults(Rule("rate_limit", per_second=1.0))
    with LocalLogServer([LocalLog.generate("slow", 20_000, seed=2)], max_entries=32, faults=limit) as slow:
        for _ in range(rounds):
            alone.append(free_speed(bench, None))
            beside.append(free_speed(bench, slow))
    answer_after(0.0, bench.logs["bench-256"])
    share = statistics.median(beside) / statistics.median(alone)
    rows = [
        ("alone", median_and_range(alone), ""),
        ("beside an operator limited to 1 request/s", median_and_range(beside), f"{share:.1%}"),
    ]
    return markdown_table(["the free lane", "entries/s", "of its speed alone"], rows)


def footprint(bench: Bench) -> str:
    """What a worker of all four queues takes, idle and busy, and how long it takes to go."""
    with bench.worker(list(ALL_QUEUES)) as worker:
        idle = worker.cpu_share(IDLE_SECONDS)
        for queue, name in ALL_QUEUES.items():
            bench.order(queue, bench.logs[name].log_id, bench.logs[name].url, tasks=TASKS)
        time.sleep(BUSY_SECONDS)
        peak, disk = worker.peak_bytes(), worker.disk_bytes()
        waiting = min(int(bench.client.llen(queue)) for queue in ALL_QUEUES)
        stop_seconds = worker.stop()
        left = int(bench.client.hlen("unacked"))
    assert waiting, "a lane had run out of work"
    rows = [
        ("memory at its peak, four busy lanes", f"{peak / MEBIBYTE:.0f} MB", "150 MB"),
        ("processor time, idle", f"{idle:.2%} of a core", "1 %"),
        ("disk besides the spool", f"{disk / MEBIBYTE:.2f} MB", "1 MB"),
        ("Ctrl+C under load to the end", f"{stop_seconds:.1f} s", "5 s"),
        ("tasks that it then still held", str(left), "0"),
    ]
    return markdown_table(["a worker of all four queues", "measured", "at most"], rows)


def run(folder: Path, is_quick: bool) -> str:
    """Everything; the report as Markdown."""
    with served_logs(folder, REPEATS) as logs, Children(folder / "output", os.environ) as children:
        bench = Bench(folder, start_redis(children, folder / "redis"), logs)
        tables = [neighbours(bench, 1 if is_quick else ROUNDS), footprint(bench)]
    return "\n\n".join([f"Measured on {machine_line()}.", *tables])


if __name__ == "__main__":
    run_as_program(__doc__, "bench_lanes", run)
