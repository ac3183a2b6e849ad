"""The ledger at three sizes a decade apart, up to all bundled logs planned whole: seconds and memory of each step.

    python -m benchmarks.bench_ledger [--entries 40000000000] [--sizes 3] [--write]

A real MariaDB and a real Redis; every step is a process of its own, the commands are the real ones. The ledger is
benchmarks/ledger_data.py's, the logs and their signed heads benchmarks/ledger_logs.py's.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from benchmarks.common import PAGE, machine_line, markdown_table, write_between_markers
from benchmarks.growth import slope
from benchmarks.ledger_data import audit_all, bring_to, expire_leases, leave_unaudited
from benchmarks.ledger_logs import ENTRIES, MadeLog, made_logs, served_heads
from ctcollect.settings import child_environment
from ctcollect.store import Store, schema, utc_now
from ctcollect.store import logs as log_store
from tests.services.mariadb import MariadbServer
from tests.services.processes import free_port
from tests.services.redis import RedisServer

SHARES = (0.0, 0.1, 0.5, 0.99)
WATCH_SECONDS = 0.05


@dataclass(frozen=True)
class Ran:
    """A process that has ended: ``cpu_seconds`` are its own, ``times`` what it has told of itself, in seconds."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    times: dict[str, float] = field(default_factory=dict)


@dataclass
class Bench:
    """One size of the ledger, and what was found there: ``ran`` by step, ``rows`` read by question, plans of these."""

    environment: Mapping[str, str]
    store: Store
    redis: RedisServer
    logs: Sequence[MadeLog]
    ran: dict[str, Ran] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    plans: list[list[str]] = field(default_factory=list)

    @property
    def ranges(self) -> int:
        return sum(each.ranges for each in self.logs)

    def run(self, what: str, *command: str) -> str:
        """Run ``python -m COMMAND``, keep what it took and return what it printed; a failure ends the benchmark."""
        started, cpu_before = time.perf_counter(), _cpu_seconds_of_children()
        with TemporaryFile() as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *command], stdout=output, env=child_environment(self.environment)
            )
            peak_mb = _watched(process)
            seconds = time.perf_counter() - started
            output.seek(0)
            printed = output.read().decode()
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}: {printed[-2000:]}")
        self.ran[what] = Ran(seconds, _cpu_seconds_of_children() - cpu_before, peak_mb)
        print(f"{what}: {seconds:.1f} s", flush=True)
        return printed

    def step(self, what: str, name: str) -> None:
        """Run a step of benchmarks/ledger_steps.py."""
        printed = self.run(what, "benchmarks.ledger_steps", name)
        self.ran[what].times.update(json.loads(printed))

    def measure(self) -> None:
        """All steps."""
        names = [each.log.name for each in self.logs]
        self.run("plan", "ctcollect", "plan", *names, "--window", "full")
        for before, share in pairwise((0.0, *SHARES)):
            bring_to(self.store.engine, self.logs, before, share)
            self._feed(share)
        self._look_at_plans()
        self.step("status", "status")
        self.run("status --json", "ctcollect", "status", "--json")
        self.step("first answer of the page", "pages")
        for what, moment in {"due": None, "put off": utc_now() + timedelta(hours=1)}.items():
            leave_unaudited(self.store.engine, 0.1, moment)
            self.step(f"a tenth of all audits {what}", "audit")
            audit_all(self.store.engine)
        bring_to(self.store.engine, self.logs, SHARES[-1], 1.0)
        self.run("verify --ledger", "ctcollect", "verify", "--ledger")
        self.run("verify", "ctcollect", "verify")

    def _look_at_plans(self) -> None:
        told = json.loads(self.run("plans", "benchmarks.ledger_plans"))
        del self.ran["plans"]
        self.rows, self.plans = told["rows"], told["plans"]

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


def _watched(process: subprocess.Popen[bytes]) -> float:
    """Wait for its end; the most memory that it had, in MB. wait4() would count its parent's too."""
    peak_kb = 0
    while process.poll() is None:
        told = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
        peak_kb = int(told[1]) if told else peak_kb
        time.sleep(WATCH_SECONDS)
    return peak_kb / 1024


def _cpu_seconds_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


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


def measure(folder: Path, mariadb: Server, redis: RedisServer, entries: int) -> Bench:
    """On a database of its own."""
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
        bench.measure()
    store.close()
    mariadb.drop_database(name)
    return bench


def times_table(benches: Sequence[Bench]) -> str:
    """A row for each thing that a step has timed, and for each command; of a command the processor time counts for the
    power of the ranges with which it grows."""
    sizes = [bench.ranges for bench in benches]
    rows = []
    for what in benches[0].ran:
        ran = [bench.ran[what] for bench in benches]
        peak = f"{max(each.peak_mb for each in ran):.0f}"
        for name in ran[0].times:
            seconds = [each.times[name] for each in ran]
            rows.append([f"{what}: {name}", *(f"{each:.3f}" for each in seconds), _power(sizes, seconds), peak])
        if not ran[0].times:
            shown = (f"{each.seconds:.1f} ({each.cpu_seconds:.1f})" for each in ran)
            rows.append([f"`ctcollect {what}`", *shown, _power(sizes, [each.cpu_seconds for each in ran]), peak])
    return markdown_table(("seconds", *_sizes(benches), "power", "peak MB"), rows)


def _power(sizes: Sequence[int], seconds: Sequence[float]) -> str:
    return f"{slope(sizes, seconds):.2f}" if len(sizes) > 1 else "–"


def rows_table(benches: Sequence[Bench]) -> str:
    rows = [[name, *(f"{bench.rows[name]:,}" for bench in benches)] for name in benches[0].rows]
    return markdown_table(("rows read for", *_sizes(benches)), rows)


def plans_table(bench: Bench) -> str:
    return markdown_table(("question", "table", "index", "MariaDB says"), bench.plans)


def _sizes(benches: Sequence[Bench]) -> list[str]:
    return [f"{bench.ranges:,} ranges" for bench in benches]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=ENTRIES, help="of all logs, at the largest size")
    parser.add_argument("--sizes", type=int, default=3, help="how many, each ten times the one before")
    parser.add_argument("--dir", type=Path, help="a folder on a disk with 10 GB (default: the system's for such files)")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    options = parser.parse_args()
    with TemporaryDirectory(dir=options.dir) as folder, servers(Path(folder)) as (mariadb, redis):
        sizes = [options.entries // 10**power for power in reversed(range(options.sizes))]
        benches = [measure(Path(folder), mariadb, redis, entries) for entries in sizes]
    tables = (times_table(benches), rows_table(benches), plans_table(benches[-1]), machine_line())
    text = "\n\n".join(tables)
    print(text)
    if options.write:
        write_between_markers(PAGE, "bench_ledger", text)


if __name__ == "__main__":
    main()
