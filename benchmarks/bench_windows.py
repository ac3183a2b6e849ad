"""Planning at the size of real logs: a season of 3,000,000,000 entries, and the whole catalogue in MariaDB.

    python -m benchmarks.bench_windows [--write]

Takes a few minutes; the logs are simulated, nothing leaves this machine.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.common import machine_line, markdown_table, write_between_markers
from ctcollect.catalogue import bundled, queues
from ctcollect.coordinator import planner
from ctcollect.ranges import RANGE_ENTRIES, Span
from ctcollect.seasons import season
from ctcollect.settings import load
from ctcollect.store import Store, ledger, schema
from ctcollect.store import logs as log_store
from ctcollect.store.status import status_document
from tests.coordinator.simulated import NAME, SimulatedLog, simulated_context
from tests.services.mariadb import MariadbServer

PAGE = Path(__file__).parents[1] / "docs" / "windows.md"
REPEATS = 5
# Sizes that are known (tree heads of 2025 and 2026); the others are taken to be as large as a usual one.
KNOWN_SIZES = {"argon2026h1": 2_786_064_990, "nessie2025": 881_954_985, "log2026b": 2_620_000_000}
USUAL_SIZE = 1_200_000_000
SHAPES = {
    "evenly, 2 % out of order both ways": SimulatedLog(),
    "evenly, 2 % merged late": SimulatedLog(both_ways=False),
    "ever faster, 2 % both ways": SimulatedLog(curve=0.4, days=900, start_ms=1_640_000_000_000),
    "ever slower, 2 % both ways": SimulatedLog(curve=3.0),
    "evenly, 5 % both ways, 32 an answer": SimulatedLog(disorder=0.05, most_entries=32),
    "evenly, sorted": SimulatedLog(disorder=0.0, delay_ms=0),
}


class Planned(NamedTuple):
    """One plan of a season, and what it found."""

    requests: int
    requests_again: int
    seconds: float
    ranges: int
    too_much_before: int
    too_much_behind: int


@contextmanager
def database(server: MariadbServer, name: str) -> Iterator[Store]:
    """A new, migrated database, dropped at the end."""
    store = Store(server.create_database(name))
    schema.upgrade(store)
    yield store
    store.close()
    server.drop_database(name)


def plan_season(store: Store, log: SimulatedLog) -> Planned:
    """Twice, the second time from what the first one kept."""
    context = simulated_context(load({}), store, log)
    started_at = time.perf_counter()
    [wanted] = planner.plan(context, NAME, str(season(2023))).wanted
    seconds, requests = time.perf_counter() - started_at, log.requests
    planner.plan(context, NAME, str(season(2023)))
    first, last = log.true_span(season(2023))
    return Planned(
        requests,
        log.requests - requests,
        seconds,
        len(wanted) // RANGE_ENTRIES,
        (first // RANGE_ENTRIES) - wanted.start // RANGE_ENTRIES,
        -(-wanted.end // RANGE_ENTRIES) - (last // RANGE_ENTRIES + 1),
    )


def seasons_table(server: MariadbServer) -> str:
    rows = []
    for number, (shape, log) in enumerate(SHAPES.items()):
        with database(server, f"season{number}") as store:
            found = plan_season(store, log)
        rows.append((shape, *found[:2], f"{found.seconds:.1f}", f"{found.ranges:,}", *found[4:]))
    head = ["3,000,000,000 entries", "requests", "again", "seconds", "ranges", "too much before", "too much behind"]
    return markdown_table(head, rows)


def plan_whole(server: MariadbServer) -> str:
    """Every range of the largest log."""
    with database(server, "whole") as store:
        context = simulated_context(load({}), store, SimulatedLog())
        started_at = time.perf_counter()
        [wanted] = planner.plan(context, NAME, "full").wanted
        seconds = time.perf_counter() - started_at
    ranges = -(-len(wanted) // RANGE_ENTRIES)
    return (
        f"`full` of the same log: {ranges:,} ranges in {seconds:.1f} s. The most memory that this process had by then "
        f"was {peak_mb():.0f} MB."
    )


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def whole_catalogue(server: MariadbServer) -> str:
    """All bundled logs wanted whole, and what the ledger's regular questions cost then."""
    with database(server, "catalogue") as store:
        with store.transaction() as session:
            log_store.put_logs(session, bundled())
            rows = log_store.all_logs(session)
        started_at = time.perf_counter()
        for row in rows:
            size = KNOWN_SIZES.get(row.name, USUAL_SIZE)
            with store.transaction() as session:
                ledger.want(session, row, Span(0, size), size)
        seconds = time.perf_counter() - started_at
        with store.reading() as session:
            ranges = sum(ledger.range_states(session).values())
        line = (
            f"All {len(rows)} bundled logs, whole: {ranges:,} ranges, written in {seconds:.0f} s, with {peak_mb():.0f} "
            f"MB at the most. {len(KNOWN_SIZES)} of the logs are of the size that they have, the others are taken to "
            f"hold {USUAL_SIZE:,} entries."
        )
        return f"{line} Then:\n\n{markdown_table(['', 'median of 5, ms', 'longest, ms'], list(questions(store)))}"


def questions(store: Store) -> Iterator[tuple[str, str, str]]:
    def status() -> None:
        with store.reading() as session:
            status_document(session)

    def feed() -> None:
        for queue in queues():
            with store.transaction() as session:
                ledger.issue(session, queue, 64, 600)

    for name, question in {"`status`": status, "64 sub-ranges for each queue": feed}.items():
        times = [milliseconds(question) for _ in range(REPEATS)]
        yield name, f"{statistics.median(times):.0f}", f"{max(times):.0f}"


def milliseconds(question: Callable[[], None]) -> float:
    started_at = time.perf_counter()
    question()
    return 1000 * (time.perf_counter() - started_at)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ctcollect-bench-") as folder, MariadbServer(Path(folder)) as server:
        parts = [seasons_table(server), plan_whole(server), whole_catalogue(server)]
    report = "\n\n".join([f"Measured on {machine_line()}, MariaDB on the same machine.", *parts])
    print(report)
    if options.write:
        write_between_markers(PAGE, "bench_windows", report)


if __name__ == "__main__":
    main()
