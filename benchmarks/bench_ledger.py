"""The ledger at three sizes a decade apart, up to all bundled logs planned whole: seconds and memory of each step.

    python -m benchmarks.bench_ledger [--entries 40000000000] [--sizes 3] [--write]

A real MariaDB and a real Redis; every step is a process of its own, the commands are the real ones. The ledger is
benchmarks/ledger_data.py's, the logs and their signed heads benchmarks/ledger_logs.py's.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlalchemy import func, select

from benchmarks.common import PAGE, machine_line, markdown_table, write_between_markers
from benchmarks.ledger_data import audit_all, bring_to, expire_leases, leave_unaudited
from benchmarks.ledger_logs import ENTRIES, MadeLog, made_logs, served_heads
from ctcollect.models import RangeRow
from ctcollect.settings import child_environment
from ctcollect.store import Store, schema, utc_now
from ctcollect.store import logs as log_store
from tests.services.mariadb import MariadbServer
from tests.services.processes import free_port
from tests.services.redis import RedisServer

SHARES = (0.0, 0.1, 0.5, 0.99)
LONGEST_SECONDS = 7200


class Ran(NamedTuple):
    """A process that has ended: ``cpu_seconds`` are its own, ``times`` what it has printed of itself, in seconds."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    times: Mapping[str, float]


@dataclass
class Bench:
    """One size of the ledger."""

    environment: Mapping[str, str]
    store: Store
    redis: RedisServer
    logs: Sequence[MadeLog]
    found: dict[str, Ran] = field(default_factory=dict)

    def run(self, what: str, *command: str, prints_times: bool = False) -> None:
        """Run ``python -m COMMAND`` and keep what it took; its failure ends the benchmark."""
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", *command], stdout=subprocess.PIPE, env=child_environment(self.environment)
        )
        output = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}: {output.decode()[-2000:]}")
        times = json.loads(output) if prints_times else {}
        cpu_seconds = usage.ru_utime + usage.ru_stime
        self.found[what] = Ran(time.perf_counter() - started, cpu_seconds, usage.ru_maxrss / 1024, times)
        print(f"{what}: {self.found[what]}", flush=True)

    def step(self, what: str, name: str) -> None:
        self.run(what, "benchmarks.ledger_steps", name, prints_times=True)

    def measure(self) -> int:
        """All steps; returns how many ranges there are."""
        names = [each.log.name for each in self.logs]
        self.run("plan", "ctcollect", "plan", *names, "--window", "full")
        before = 0.0
        for share in SHARES:
            bring_to(self.store.engine, self.logs, before, share)
            before = share
            self._feed(share)
        self.step("status document", "status")
        self.run("status", "ctcollect", "status", "--json")
        self.step("pages", "pages")
        for what, moment in {"due": None, "postponed": utc_now() + timedelta(hours=1)}.items():
            leave_unaudited(self.store.engine, 0.1, moment)
            self.step(f"audits {what}", "audit")
            audit_all(self.store.engine)
        bring_to(self.store.engine, self.logs, before, 1.0)
        self.run("verify --ledger", "ctcollect", "verify", "--ledger")
        self.run("verify", "ctcollect", "verify")
        with self.store.reading() as session:
            return session.scalar(select(func.count()).select_from(RangeRow)) or 0

    def _feed(self, share: float) -> None:
        with self.redis.client() as client:
            client.flushall()
        self.step(f"feed at {share:.0%}", "feed")
        expire_leases(self.store.engine)
        with self.redis.client() as client:
            client.flushall()
        self.step(f"expire at {share:.0%}", "expire")
        with self.redis.client() as client:
            client.flushall()


class Server(MariadbServer):
    """With the memory that docs/coordinator.md asks for."""

    def command(self) -> list[str | Path]:
        return [*super().command(), "--innodb-buffer-pool-size=1G", "--innodb-log-file-size=512M"]


@contextmanager
def servers(folder: Path) -> Iterator[tuple[Server, RedisServer]]:
    (folder / "mariadb").mkdir()
    (folder / "redis").mkdir()
    with Server(folder / "mariadb") as mariadb, RedisServer(folder / "redis") as redis:
        yield mariadb, redis


def measure(folder: Path, mariadb: Server, redis: RedisServer, entries: int) -> tuple[int, dict[str, Ran]]:
    """(ranges, what was found), on a database of its own."""
    port, name = free_port(), f"ledger_{entries}"
    logs = made_logs(entries, port)
    store = Store(mariadb.create_database(name))
    schema.upgrade(store)
    with store.transaction() as session:
        log_store.put_logs(session, [each.log for each in logs])
    environment = {
        "CTCOLLECT_DATABASE_URL": mariadb.url(name),
        "CTCOLLECT_BROKER_URL": redis.url,
        "CTCOLLECT_DATA_DIR": str(folder / name),
        "CTCOLLECT_ALLOW_LOCAL_LOGS": "1",
    }
    bench = Bench(environment, store, redis, logs)
    with served_heads(logs, port):
        ranges = bench.measure()
    store.close()
    mariadb.drop_database(name)
    return ranges, bench.found


def table(found: Mapping[int, Mapping[str, Ran]]) -> str:
    """A row for each step and each thing that it has timed itself."""
    rows = []
    for what in next(iter(found.values())):
        ran = [each[what] for each in found.values()]
        peak = f"{max(each.peak_mb for each in ran):.0f}"
        rows += [
            [f"{what}: {name}", *(f"{each.times[name]:.3f}" for each in ran), peak]
            for name in ran[0].times
            if name not in ("orders", "due")
        ]
        if not ran[0].times:
            rows.append(
                [f"`ctcollect {what}`", *(f"{each.seconds:.1f} ({each.cpu_seconds:.1f})" for each in ran), peak]
            )
    head = ("seconds", *(f"{ranges:,} ranges" for ranges in found), "peak MB")
    return f"{markdown_table(head, rows)}\n\n{machine_line()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=ENTRIES, help="of all logs, at the largest size")
    parser.add_argument("--sizes", type=int, default=3, help="how many, each ten times the one before")
    parser.add_argument("--dir", type=Path, help="a folder on a disk with 10 GB (default: the system's for such files)")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    options = parser.parse_args()
    found = {}
    with TemporaryDirectory(dir=options.dir) as folder, servers(Path(folder)) as (mariadb, redis):
        for power in reversed(range(options.sizes)):
            ranges, ran = measure(Path(folder), mariadb, redis, options.entries // 10**power)
            found[ranges] = ran
    text = table(found)
    print(text)
    if options.write:
        write_between_markers(PAGE, "bench_ledger", text)


if __name__ == "__main__":
    main()
