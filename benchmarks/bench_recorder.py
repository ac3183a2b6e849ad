"""How many harvests a coordinator records: real Redis, recorders as Celery workers, real MariaDB, the page beside it.

    python -m benchmarks.bench_recorder [--stored 10000,100000,1000000 | --dir FOLDER] [--seconds 60]
                                        [--rate 200000] [--recorders 1,2] [--write]

For each number of certificates that are stored before (made by benchmarks/web_data.py; --dir: what it has made there)
and each number of recorders: the harvests are made first, then put into Redis, --rate entries a second or, with 0, as
fast as they are taken. 500 workers tell that they live every ten seconds, and the page's status is asked each second.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import redis
import requests

from benchmarks.common import PAGE, machine_line, markdown_table, write_between_markers
from benchmarks.growth import slope_sentence
from benchmarks.made_harvests import made_logs, read_messages, wanted, write_messages
from benchmarks.recorder_side import Side, Used, make_wanted
from benchmarks.web_data import DATABASE, running_server
from benchmarks.web_statements import Sizes
from ctcollect.broker import Broker
from ctcollect.celery import app
from ctcollect.routing import RESULTS, UNACKED, UNACKED_INDEX
from ctcollect.store import Store, schema
from tests.services.redis import RedisServer

# What is made for a run that is not told how much comes: more than can be recorded.
FASTEST = 300_000
WAITING_AT_MOST = 512
LOOK_SECONDS = 0.25
WARM_UP_SECONDS = 5.0
# The tables in the page: as fast as it goes, and at a rate that is kept.
SERIES, SUSTAINED = "bench_recorder", "bench_recorder_sustained"
RANGES_AT_MOST, FRIENDS = 1_000_000, 100
PARTS = ("recorder", "MariaDB", "Redis", "page")
HEAD = (
    "certificates stored", "recorders", "seconds", "entries/s", ".jp entries/s", "new certificates/s",
    *(f"{part}: CPU s per 1,000 .jp entries" for part in PARTS), "cores in use", "statements a harvest",
    "harvest waits, s", "status, ms (most)",
)  # fmt: skip


class Result(NamedTuple):
    """One run; ``waits_seconds`` is what a harvest waits and is worked on in the mean, by Little's law."""

    stored: int
    recorders: int
    seconds: float
    harvests: int
    used: Used
    waits_seconds: float
    status_ms: list[float]

    def row(self) -> tuple[Any, ...]:
        """As HEAD says."""
        thousands, cpu = self.used.sightings / 1000, self.used.cpu_seconds
        return (
            f"{self.stored:,}",
            self.recorders,
            f"{self.seconds:.0f}",
            *(f"{count / self.seconds:,.0f}" for count in self.used[:3]),
            *(f"{cpu[part] / thousands:.2f}" for part in PARTS),
            f"{sum(cpu.values()) / self.seconds:.2f}",
            f"{self.used.statements / self.harvests:.1f}",
            f"{self.waits_seconds:.2f}",
            f"{statistics.median(self.status_ms):.0f} ({max(self.status_ms):.0f})",
        )


@dataclass
class Offer:
    """Puts messages into Redis in a thread: so many entries a second, or as many as keeps WAITING_AT_MOST waiting."""

    client: redis.Redis
    messages: Iterator[bytes]
    harvests_a_second: float
    pushed: int = 0
    is_over: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def waiting(self) -> int:
        """Harvests that are not recorded yet."""
        return int(self.client.llen(RESULTS)) + int(self.client.hlen(UNACKED))

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        started = time.monotonic()
        while not self._stop.wait(0.02):
            due = int((time.monotonic() - started) * self.harvests_a_second) - self.pushed
            room = due if self.harvests_a_second else WAITING_AT_MOST - self.waiting()
            taken = [message for _, message in zip(range(room), self.messages, strict=False)]
            if len(taken) < room:
                self.is_over = True
                return
            if taken:
                self.client.lpush(RESULTS, *taken)
                self.pushed += len(taken)


def measure(side: Side, store: Store, offer: Offer, stored: int, seconds: float) -> Result:
    """From WARM_UP_SECONDS after the first harvest, for ``seconds`` or until there are no more."""
    time.sleep(WARM_UP_SECONDS)
    before, started = side.used(store), time.monotonic()
    recorded, waiting, status_ms = offer.pushed - offer.waiting(), [offer.waiting()], []
    next_status = started
    while time.monotonic() - started < seconds and not offer.is_over:
        time.sleep(LOOK_SECONDS)
        waiting.append(offer.waiting())
        if time.monotonic() >= next_status:
            next_status += 1
            status_ms.append(_ask_status(side.port))
    after, took = side.used(store), time.monotonic() - started
    harvests = offer.pushed - offer.waiting() - recorded
    waits = statistics.mean(waiting) * took / harvests
    return Result(stored, side.recorders, took, harvests, after.since(before), waits, status_ms)


def _ask_status(port: int) -> float:
    """Milliseconds."""
    asked = time.monotonic()
    requests.get(f"http://127.0.0.1:{port}/api/v1/status", timeout=30).raise_for_status()
    return (time.monotonic() - asked) * 1000


@dataclass(frozen=True)
class Bench:
    """``folder`` is for what ends with the benchmark, ``kept`` that of a database that does not."""

    folder: Path
    kept: Path | None
    broker: RedisServer
    seconds: float
    rate: int

    def run(self, stored: int, recorders: int) -> Result:
        """One measurement, on logs of its own in a database that holds ``stored`` certificates."""
        sizes = Sizes(stored, stored * 6 // 5, min(RANGES_AT_MOST, stored), FRIENDS)
        with ExitStack() as stack:
            server = stack.enter_context(running_server(self.kept or self.folder / f"mariadb-{stored}", sizes))
            here = Path(stack.enter_context(TemporaryDirectory(dir=self.folder)))
            store = Store(server.url(DATABASE))
            stack.callback(store.close)
            schema.upgrade(store)
            messages, a_second = self._make(store, here / "messages")
            side = stack.enter_context(Side(here, self.broker, server, server.url(DATABASE), recorders))
            client = stack.enter_context(self.broker.client())
            client.delete(RESULTS, UNACKED, UNACKED_INDEX)
            offer = Offer(client, messages, a_second)
            stack.callback(offer.stop)
            return measure(side, store, offer, stored, self.seconds)

    def _make(self, store: Store, file: Path) -> tuple[Iterator[bytes], float]:
        """The messages of as many harvests as may be recorded, all of them wanted, and how many of them a second."""
        entries = int((self.rate or FASTEST) * (self.seconds + WARM_UP_SECONDS + 1))
        seed = time.time_ns() // 10**9
        with file.open("wb") as out:
            harvests = write_messages(out, Broker(app), seed, entries)
        make_wanted(store, wanted(made_logs(seed), entries))
        return read_messages(file), self.rate * harvests / entries


def growth(results: Sequence[Result]) -> Iterator[str]:
    """How what an entry costs grows with what is stored, for each number of recorders that met several sizes."""
    for recorders in dict.fromkeys(each.recorders for each in results):
        same = [each for each in results if each.recorders == recorders]
        if len(same) > 1:
            costs = [sum(each.used.cpu_seconds.values()) / each.used.sightings for each in same]
            what = f"With {recorders} recorder{'s' * (recorders > 1)}: CPU seconds that an entry takes"
            yield slope_sentence(what, "the certificates that are stored", [each.stored for each in same], costs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stored", default="100000", help="comma list; with --dir, what is there")
    parser.add_argument("--dir", type=Path)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=int, default=0, help="entries a second, 0: as many as are taken")
    parser.add_argument("--recorders", default="1", help="comma list")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    options = parser.parse_args()
    results: list[Result] = []
    with TemporaryDirectory(prefix="ctcollect-bench-") as folder, RedisServer(Path(folder)) as broker:
        app.conf.broker_url = broker.url
        bench = Bench(Path(folder), options.dir, broker, options.seconds, options.rate)
        for stored in map(int, options.stored.split(",")):
            for recorders in map(int, options.recorders.split(",")):
                results.append(bench.run(stored, recorders))
                print(dict(zip(HEAD, results[-1].row(), strict=True)), flush=True)
    rows = [result.row() for result in results]
    report = "\n\n".join([f"Measured on {machine_line()}.", markdown_table(HEAD, rows), *growth(results)])
    print(report)
    if options.write:
        write_between_markers(PAGE, SUSTAINED if options.rate else SERIES, report)


if __name__ == "__main__":
    main()
