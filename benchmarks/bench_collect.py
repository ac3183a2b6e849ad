"""How fast one thread collects: beside a plain download and beside other collectors, by step, and as orders grow.

    python -m benchmarks.bench_collect [--write] [--quick]

Takes some minutes; everything stays on this machine, but for what pip installs for Axeman. Linux only, for it reads
processor times in /proc.
"""

import statistics
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import requests

from benchmarks.common import (
    LIMITS,
    Speed,
    machine_line,
    markdown_table,
    measure,
    median_and_range,
    served_logs,
)
from benchmarks.growth import forget_peak_memory, peak_memory_bytes, slope_sentence
from benchmarks.peers import Axeman, Certspotter, Peer, PeerMissing
from benchmarks.program import run_as_program
from benchmarks.steps import Steps, microseconds_an_entry
from ctcollect.catalogue import Log
from ctcollect.collect import Collector
from ctcollect.fleet.demo import HASTE
from ctcollect.harvest import Order
from ctcollect.memory import share_one_heap
from ctcollect.settings import load

MARKER = "bench_collect"
REPEATS = 8
ROUNDS, PEER_SECONDS = 7, 4.0
ANSWERS_A_ROUND = 96
# Orders a decade apart, so many that each size reads the same entries.
ORDER_SIZES = (1024, 10_240, 102_400)
PLAIN, ALONE = "plain download: requests, the body read whole, nothing else", "ctcollect, one thread, verifying"
# Verified entries per CPU second.
AIMS = {"bench-256": 100_000, "bench-32": 50_000}
Speeds = dict[tuple[str, str], list[Speed]]


def requests_of(log: Log) -> Iterator[tuple[int, int]]:
    """[start, end) of aligned requests of the log's own size: the first ANSWERS_A_ROUND answers."""
    size = LIMITS[log.name]
    return ((start, start + size) for start in range(0, ANSWERS_A_ROUND * size, size))


def download(session: requests.Session, log: Log) -> Iterator[bytes]:
    """The bodies of those answers."""
    for start, end in requests_of(log):
        url = f"{log.url}ct/v1/get-entries?start={start}&end={end - 1}"
        with session.get(url, stream=True, timeout=60) as response:
            yield response.raw.read(decode_content=True)


def plain(session: requests.Session, log: Log) -> Speed:
    return measure(lambda: sum(1 for _ in download(session, log)) * LIMITS[log.name])


def alone(collector: Collector, log: Log, entries: int, order_entries: int, threads: int = 1) -> Speed:
    """The first ``entries`` of a log, in orders of ``order_entries``."""

    def collect(start: int) -> None:
        for harvest in collector.collect(order_for(log, start, min(start + order_entries, entries))):
            assert not harvest.fault, harvest.fault

    def work() -> int:
        with ThreadPoolExecutor(threads) as pool:
            deque(pool.map(collect, range(0, entries, order_entries)), maxlen=0)
        return entries

    return measure(work)


def order_for(log: Log, start: int, end: int) -> Order:
    return Order(log.log_id, log.name, log.url, str(log.kind), log.queue, start, end, log.batch_entries)


@dataclass
class Rounds:
    """What was measured so far, everything once a round: a machine is faster at one time and slower at another.

    ``speeds``: by what was measured and log. ``missing``: why a peer does nothing. ``steps``: microseconds, by log.
    """

    folder: Path
    logs: Mapping[str, Log]
    speeds: Speeds = field(default_factory=dict)
    missing: dict[tuple[str, str], str] = field(default_factory=dict)
    steps: dict[str, list[dict[str, float]]] = field(default_factory=dict)

    def ours(self, session: requests.Session, collector: Collector) -> None:
        """A plain download and the collect path."""
        for name, log in self.logs.items():
            entries = LIMITS[name] * ANSWERS_A_ROUND
            self._add(PLAIN, name, plain(session, log))
            self._add(ALONE, name, alone(collector, log, entries, log.subrange_entries))

    def theirs(self, peers: Sequence[Peer], seconds: float) -> None:
        """What each peer does with each log; one that is missing is not asked again."""
        for peer in peers:
            for name, log in self.logs.items():
                if (peer.name, name) in self.missing:
                    continue
                place = self.folder / f"{type(peer).__name__}-{name}-{len(self.speeds.get((peer.name, name), ()))}"
                place.mkdir()
                try:
                    self._add(peer.name, name, peer.read(log, self.folder / "log_list.json", place, seconds))
                except PeerMissing as error:
                    self.missing[peer.name, name] = str(error)

    def by_step(self, steps: Mapping[str, Steps]) -> None:
        for name, each in steps.items():
            self.steps.setdefault(name, []).append(each.measure())

    def _add(self, what: str, log: str, speed: Speed) -> None:
        self.speeds.setdefault((what, log), []).append(speed)


def run(folder: Path, is_quick: bool) -> str:
    """Everything, side by side; the report as Markdown."""
    rounds, seconds = (1, 2.0) if is_quick else (ROUNDS, PEER_SECONDS)
    share_one_heap()  # as every worker does
    with served_logs(folder, REPEATS) as logs, requests.Session() as session:
        collector = Collector(load(HASTE))
        peers: list[Peer] = [Certspotter(), Axeman(folder)]
        growth = growth_table(collector, logs["bench-256"], rounds)  # before the steps, which need much memory
        steps = {name: Steps(list(download(session, log))) for name, log in logs.items()}
        measured = Rounds(folder, logs)
        for _ in range(rounds):
            measured.ours(session, collector)
            measured.by_step(steps)
            measured.theirs(peers, seconds)
    tables = (speed_table(measured.speeds, measured.missing), step_table(measured.speeds, measured.steps), growth)
    return "\n\n".join([f"Measured on {machine_line()}.", *tables])


def speed_table(speeds: Speeds, missing: Mapping[tuple[str, str], str]) -> str:
    """Medians and ranges of the rounds, answers of one size together; a peer that is missing says why."""
    figures = {key: (of_all(values, "per_second"), of_all(values, "per_cpu_second")) for key, values in speeds.items()}
    figures |= {key: (why, "") for key, why in missing.items()}
    figures |= {("what ctcollect aims at", name): ("", f"{aim:,}") for name, aim in AIMS.items()}
    rows = [(what, LIMITS[name], *figures[what, name]) for name in LIMITS for what, each in figures if each == name]
    return markdown_table(["what", "entries an answer", "entries/s", "entries per CPU second"], rows)


def of_all(values: Sequence[Speed], figure: str) -> str:
    return median_and_range([getattr(each, figure) for each in values])


def step_table(speeds: Speeds, measured: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    """Microseconds an entry; what the steps leave of the whole is HTTP and the loop itself."""
    whole = {log: statistics.median(map(microseconds_an_entry, speeds[ALONE, log])) for log in measured}
    names = list(next(iter(measured.values()))[0])
    steps = {
        log: {name: statistics.median(each[name] for each in rounds) for name in names}
        for log, rounds in measured.items()
    }
    rows = [(name, *(f"{steps[log][name]:.2f}" for log in steps)) for name in names]
    rest = {log: whole[log] - sum(steps[log].values()) for log in steps}
    rows.append(("HTTP and all else", *(f"{rest[log]:.2f}" for log in steps)))
    rows.append(("the whole path", *(f"{whole[log]:.2f}" for log in steps)))
    return markdown_table(["CPU microseconds an entry", *(f"{LIMITS[log]} an answer" for log in steps)], rows)


def growth_table(collector: Collector, log: Log, rounds: int) -> str:
    """The same entries in orders of three sizes, in turn; the memory is that of the whole process."""
    speeds: dict[int, list[Speed]] = {size: [] for size in ORDER_SIZES}
    peaks = dict.fromkeys(ORDER_SIZES, 0)
    for _ in range(rounds):
        for size in ORDER_SIZES:
            forget_peak_memory()
            speeds[size].append(alone(collector, log, max(ORDER_SIZES), size))
            peaks[size] = max(peaks[size], peak_memory_bytes())
    costs = {size: statistics.median(map(microseconds_an_entry, speeds[size])) for size in ORDER_SIZES}
    rows = [(f"{size:,}", f"{costs[size]:.2f}", f"{peaks[size] / 2**20:.0f} MB") for size in ORDER_SIZES]
    table = markdown_table(["entries of an order", "CPU microseconds an entry", "memory at its peak"], rows)
    seconds = [costs[size] * size for size in ORDER_SIZES]
    return f"{table}\n\n{slope_sentence('CPU seconds', 'the entries of an order', ORDER_SIZES, seconds)}"


if __name__ == "__main__":
    run_as_program(__doc__, MARKER, run)
