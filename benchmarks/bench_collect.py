"""How fast a worker collects: beside a plain download, and inside the whole fleet.

    python -m benchmarks.bench_collect [--write]

Takes about a minute; everything stays on this machine. Linux only, for it reads processor times in /proc.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import requests

from benchmarks.common import (
    LIMITS,
    PAGE,
    Speed,
    cpu_seconds_of,
    machine_line,
    markdown_table,
    measure,
    median_and_range,
    served_logs,
    write_between_markers,
)
from benchmarks.steps import Steps, microseconds_an_entry
from ctcollect.broker import Broker
from ctcollect.catalogue import Log
from ctcollect.celery import app
from ctcollect.collect import Collector
from ctcollect.coordinator import planner
from ctcollect.coordinator.context import Context
from ctcollect.fleet import commands
from ctcollect.fleet.demo import HASTE
from ctcollect.fleet.processes import Child, Children
from ctcollect.fleet.redis_server import start_redis
from ctcollect.harvest import Order
from ctcollect.memory import return_large_buffers
from ctcollect.ranges import Span
from ctcollect.settings import load
from ctcollect.store import Store, schema
from ctcollect.store.logs import put_logs
from ctcollect.store.status import status_document

REPEATS = 8
ROUNDS = 7
ANSWERS_A_ROUND = 96
FLEET_SECONDS = 120
FLEET_LOG = "bench-256"
PLAIN, ALONE, FLEET, FLEET_ALL = (
    "plain download: requests, the body read whole, nothing else",
    "collect.py alone, one thread",
    "the fleet: its worker",
    "the fleet: worker, coordinator, beat and Redis together",
)


def requests_of(log: Log) -> Iterator[Span]:
    """Aligned requests of the log's own size: the first ANSWERS_A_ROUND answers."""
    size = LIMITS[log.name]
    return (Span(start, start + size) for start in range(0, ANSWERS_A_ROUND * size, size))


def download(session: requests.Session, log: Log) -> Iterator[bytes]:
    """The bodies of those answers."""
    for start, end in requests_of(log):
        url = f"{log.url}ct/v1/get-entries?start={start}&end={end - 1}"
        with session.get(url, stream=True, timeout=60) as response:
            yield response.raw.read(decode_content=True)


def plain(session: requests.Session, log: Log) -> Speed:
    return measure(lambda: sum(1 for _ in download(session, log)) * LIMITS[log.name])


def alone(collector: Collector, log: Log) -> Speed:
    """The same entries, in sub-ranges as the ledger cuts them."""

    def work() -> int:
        entries = LIMITS[log.name] * ANSWERS_A_ROUND
        for start in range(0, entries, log.subrange_entries):
            order = order_for(log, start, min(start + log.subrange_entries, entries))
            for harvest in collector.collect(order):
                assert not harvest.fault, harvest.fault
        return entries

    return measure(work)


def order_for(log: Log, start: int, end: int) -> Order:
    return Order(log.log_id, log.name, log.url, str(log.kind), log.queue, start, end, log.batch_entries)


class Fleet:
    """Redis, coordinator, beat and one friend's worker as processes; one log is collected and verified."""

    def __init__(self, folder: Path, log: Log) -> None:
        self.log = log
        self.environment = HASTE | {
            "CTCOLLECT_DATABASE_URL": f"sqlite:///{folder}/ct.sqlite",
            "CTCOLLECT_DATA_DIR": str(folder / "data"),
        }
        (folder / "data").mkdir()
        self.children = Children(folder / "output", self.environment)
        self.redis_folder = folder / "redis"

    def run(self) -> tuple[Speed, Speed]:
        """The speed of the worker, and that of all processes but the log, from the plan to the last entry."""
        with self.children:
            self.environment["CTCOLLECT_BROKER_URL"] = start_redis(self.children, self.redis_folder)
            settings = load(self.environment)
            app.conf.broker_url = settings.broker_url
            store = Store(settings.database_url)
            schema.upgrade(store)
            worker = self._start()
            broker = Broker(app)
            with store.transaction() as session:
                put_logs(session, [self.log])
            time.sleep(5)  # until all have started: that is not what is measured
            before, started_at = self._cpu_seconds(), time.monotonic()
            planner.plan(Context(settings, store, broker), self.log.name, "full")
            entries = self._wait(store)
            wall, after = time.monotonic() - started_at, self._cpu_seconds()
            store.close()
        used = {name: after[name] - before[name] for name in after}
        return Speed(entries, wall, used[worker.name]), Speed(entries, wall, sum(used.values()))

    def _start(self) -> Child:
        self.children.start("coordinator", commands.coordinator())
        self.children.start("beat", commands.beat())
        return self.children.start("worker", commands.friend_worker("alice", [self.log.queue]))

    def _cpu_seconds(self) -> dict[str, float]:
        return {child.name: cpu_seconds_of(child.process.pid) for child in self.children.children}

    def _wait(self, store: Store) -> int:
        """The number of entries, when all of them are done."""
        deadline = time.monotonic() + FLEET_SECONDS
        while time.monotonic() < deadline:
            self.children.check()
            with store.reading() as session:
                totals = status_document(session)["totals"]
            if totals["done"] == totals["wanted"] > 0:
                return int(totals["wanted"])
            time.sleep(0.1)
        raise SystemExit(f"the fleet was not ready after {FLEET_SECONDS} s: {totals}")


def run(folder: Path) -> str:
    """Everything, side by side; the report as Markdown."""
    settings = load(HASTE)
    return_large_buffers()  # as every worker does
    with served_logs(folder, REPEATS) as logs, requests.Session() as session:
        collector = Collector(settings)
        speeds: dict[tuple[str, str], list[Speed]] = {}
        for _ in range(ROUNDS):
            for name, log in logs.items():
                speeds.setdefault((PLAIN, name), []).append(plain(session, log))
                speeds.setdefault((ALONE, name), []).append(alone(collector, log))
        steps = {name: Steps(list(download(session, log))).measure() for name, log in logs.items()}
        worker, everything = Fleet(folder, logs[FLEET_LOG]).run()
    speeds |= {(FLEET, FLEET_LOG): [worker], (FLEET_ALL, FLEET_LOG): [everything]}
    return "\n\n".join([f"Measured on {machine_line()}.", speed_table(speeds), step_table(speeds, steps)])


def speed_table(speeds: dict[tuple[str, str], list[Speed]]) -> str:
    """Medians and ranges of the rounds."""
    rows = [
        (
            what,
            LIMITS[log],
            median_and_range([each.per_second for each in values]),
            median_and_range([each.per_cpu_second for each in values]),
        )
        for (what, log), values in speeds.items()
    ]
    return markdown_table(["what", "entries an answer", "entries/s", "entries per CPU second"], rows)


def step_table(speeds: dict[tuple[str, str], list[Speed]], steps: dict[str, dict[str, float]]) -> str:
    """Microseconds an entry; what the steps leave of the whole is HTTP and the loop itself."""
    whole = {log: statistics.median(map(microseconds_an_entry, speeds[ALONE, log])) for log in steps}
    names = list(next(iter(steps.values())))
    rows = [(name, *(f"{steps[log][name]:.2f}" for log in steps)) for name in names]
    rest = {log: whole[log] - sum(steps[log].values()) for log in steps}
    rows.append(("HTTP and all else", *(f"{rest[log]:.2f}" for log in steps)))
    rows.append(("collect.py alone", *(f"{whole[log]:.2f}" for log in steps)))
    return markdown_table(["CPU microseconds an entry", *(f"{LIMITS[log]} an answer" for log in steps)], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ctcollect-bench-") as folder:
        report = run(Path(folder))
    print(report)
    if options.write:
        write_between_markers(PAGE, "bench_collect", report)


if __name__ == "__main__":
    main()
