"""What a friend far from the broker loses: a worker with a delaying proxy in between, beside one without."""

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from benchmarks.bench_lanes import Bench, answer_after, entries_given
from benchmarks.common import markdown_table, median_and_range
from ctcollect.fleet.processes import Children
from ctcollect.fleet.redis_server import free_port

ROUND_TRIP_SECONDS = 0.1
# Public logs take that long for an answer of 32 entries.
ANSWER_SECONDS = (0.05, 0.1, 0.2)
QUEUE, LOG_NAME, ANSWER_ENTRIES = "google", "bench-32", 32
# What the catalogue makes of Google's: 32 answers of 32 entries.
ORDER_ENTRIES = 1024
WARM_SECONDS, ROUND_SECONDS = 6.0, 16.0
NEAR, FAR = "near", "far"


@contextmanager
def distant(children: Children, broker_url: str) -> Iterator[str]:
    """The address under which the broker is ROUND_TRIP_SECONDS away."""
    port, target = free_port(), urlsplit(broker_url).port
    command = [sys.executable, "-m", "benchmarks.delaying_proxy", str(port), str(target), str(ROUND_TRIP_SECONDS / 2)]
    children.start("proxy", command, is_server=True)
    yield broker_url.replace(f":{target}", f":{port}")


def speed(bench: Bench, broker_url: str) -> float:
    """Entries per second of one lane of Google's size."""
    log = bench.logs[LOG_NAME]
    with bench.worker([QUEUE], CTCOLLECT_BROKER_URL=broker_url):
        bench.order(QUEUE, log.log_id, log.url, entries=ORDER_ENTRIES, batch=ANSWER_ENTRIES)
        time.sleep(WARM_SECONDS)
        before, started_at = entries_given(log), time.monotonic()
        time.sleep(ROUND_SECONDS)
        return (entries_given(log) - before) / (time.monotonic() - started_at)


def distance_table(bench: Bench, children: Children, rounds: int) -> str:
    """Near and far in turn, for logs that take their time in three ways."""
    rows = []
    with distant(children, bench.broker_url) as far_url:
        for answer_seconds in ANSWER_SECONDS:
            answer_after(answer_seconds, bench.logs[LOG_NAME])
            speeds: dict[str, list[float]] = {NEAR: [], FAR: []}
            for _ in range(rounds):
                speeds[NEAR].append(speed(bench, bench.broker_url))
                speeds[FAR].append(speed(bench, far_url))
            lost = 1 - statistics.median(speeds[FAR]) / statistics.median(speeds[NEAR])
            rows.append((f"{answer_seconds:g} s", *map(median_and_range, speeds.values()), f"{lost:.1%}", "10 %"))
        answer_after(0.0, bench.logs[LOG_NAME])
    away = f"entries/s, broker {ROUND_TRIP_SECONDS * 1000:.0f} ms away"
    return markdown_table(["an answer of 32 entries takes", "entries/s, broker near", away, "lost", "at most"], rows)
