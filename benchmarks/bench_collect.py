"""How fast one thread collects: beside a plain download and beside other collectors, by step, and as orders grow.

    python -m benchmarks.bench_collect [--write] [--quick]

Takes some minutes; everything stays on this machine, but for what pip installs for Axeman. Linux only, for it reads
processor times in /proc.
"""

import statistics
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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
ROUNDS, PEER_ROUNDS, PEER_SECONDS = 7, 3, 6.0
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


def ours(collector: Collector, logs: Mapping[str, Log], rounds: int) -> Speeds:
    """A plain download and the collect path, log after log, in turn."""
    speeds: Speeds = {}
    with requests.Session() as session:
        for _ in range(rounds):
            for name, log in logs.items():
                entries = LIMITS[name] * ANSWERS_A_ROUND
                speeds.setdefault((PLAIN, name), []).append(plain(session, log))
                speeds.setdefault((ALONE, name), []).append(alone(collector, log, entries, log.subrange_entries))
    return speeds


def theirs(
    peers: Sequence[Peer], logs: Mapping[str, Log], folder: Path, rounds: int, seconds: float
) -> tuple[Speeds, dict[tuple[str, str], str]]:
    """What each peer does with each log, and why one does nothing; one that is missing is not asked again."""
    speeds: Speeds = {}
    missing: dict[tuple[str, str], str] = {}
    for number in range(rounds):
        for peer in peers:
            for name, log in logs.items():
                place = folder / f"{type(peer).__name__}-{name}-{number}"
                place.mkdir()
                try:
                    if (peer.name, name) not in missing:
                        found = peer.read(log, folder / "log_list.json", place, seconds)
                        speeds.setdefault((peer.name, name), []).append(found)
                except PeerMissing as error:
                    missing[peer.name, name] = str(error)
    return speeds, missing


def run(folder: Path, is_quick: bool) -> str:
    """Everything, side by side; the report as Markdown."""
    rounds, peer_rounds, seconds = (2, 1, 2.0) if is_quick else (ROUNDS, PEER_ROUNDS, PEER_SECONDS)
    share_one_heap()  # as every worker does
    with served_logs(folder, REPEATS) as logs:
        collector = Collector(load(HASTE))
        speeds = ours(collector, logs, rounds)
        others, missing = theirs([Certspotter(), Axeman(folder)], logs, folder, peer_rounds, seconds)
        growth = growth_table(collector, logs["bench-256"], rounds)
        steps = {name: Steps(bodies(log)).measure() for name, log in logs.items()}
    return "\n\n".join(
        [
            f"Measured on {machine_line()}.",
            speed_table(speeds | others, missing),
            step_table(speeds, steps),
            growth,
        ]
    )


def bodies(log: Log) -> list[bytes]:
    with requests.Session() as session:
        return list(download(session, log))


def speed_table(speeds: Speeds, missing: Mapping[tuple[str, str], str]) -> str:
    """Medians and ranges of the rounds, answers of one size together; a peer that is missing says why."""
    figures = {key: (of_all(values, "per_second"), of_all(values, "per_cpu_second")) for key, values in speeds.items()}
    figures |= {key: (why, "") for key, why in missing.items()}
    figures |= {("what ctcollect aims at", name): ("", f"{aim:,}") for name, aim in AIMS.items()}
    rows = [(what, LIMITS[name], *figures[what, name]) for name in LIMITS for what, each in figures if each == name]
    return markdown_table(["what", "entries an answer", "entries/s", "entries per CPU second"], rows)


def of_all(values: Sequence[Speed], figure: str) -> str:
    return median_and_range([getattr(each, figure) for each in values])


def step_table(speeds: Speeds, steps: dict[str, dict[str, float]]) -> str:
    """Microseconds an entry; what the steps leave of the whole is HTTP and the loop itself."""
    whole = {log: statistics.median(map(microseconds_an_entry, speeds[ALONE, log])) for log in steps}
    names = list(next(iter(steps.values())))
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
