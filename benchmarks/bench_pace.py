"""How near to a log's limit the pace comes, and how often it is refused: simulated, so that minutes take no time.

python -m benchmarks.bench_pace [--write]
"""

import argparse
import statistics
from collections.abc import Iterator
from itertools import product

from benchmarks.common import PAGE, markdown_table, write_between_markers
from benchmarks.pace_simulation import Log, Outcome, Simulation, outcome

POLITENESS = PAGE.with_name("politeness.md")
LIMITS = (0.2, 1.0, 10.0, 100.0)
START_PER_SECOND = 0.5
RAISED_TIMES = 4
MINUTE = 60.0
# As many as a raised limit needs at the simulated latency; a worker has fewer, and is then slower than the limit.
THREADS, THREADS_FOR_MANY = 8, 40
ROUNDS, ROUNDS_OF_MANY, MANY_PER_SECOND = 20, 4, 100.0
HEAD = (
    "limit per second",
    "Retry-After",
    "workers",
    "first 5 min: reached",
    "refused",
    "minutes 3-5: reached",
    "refused",
    "minutes 5-10: reached",
    "refused",
    "limit x 4, 5 min later: reached",
    "refused",
)


def one_round(limit: float, retry_after: bool, workers: int, seed: int) -> list[Outcome]:
    """Ten minutes at one limit; then five more at four times as much, of which the last one counts."""
    log = Log(limit, retry_after)
    threads = THREADS_FOR_MANY if limit >= MANY_PER_SECOND else THREADS
    simulation = Simulation(log, START_PER_SECOND, workers, seed, threads)
    simulation.run(10 * MINUTE)
    spans = [(0, 5), (3, 5), (5, 10)]
    outcomes = [outcome(log, start * MINUTE, end * MINUTE) for start, end in spans]
    log.per_second *= RAISED_TIMES
    simulation.run(16 * MINUTE)
    return [*outcomes, outcome(log, 15 * MINUTE, 16 * MINUTE)]


def rows() -> Iterator[list[str]]:
    """A row for each case: means of the rounds."""
    for limit, retry_after, workers in product(LIMITS, (False, True), (1, 2)):
        rounds = ROUNDS_OF_MANY if limit >= MANY_PER_SECOND else ROUNDS
        results = [one_round(limit, retry_after, workers, seed) for seed in range(rounds)]
        row = [f"{limit:g}", "yes" if retry_after else "no", str(workers)]
        for outcomes in zip(*results, strict=True):
            row.append(f"{statistics.mean(each.reached for each in outcomes):.0%}")
            row.append(f"{statistics.mean(each.refused for each in outcomes):.1%}")
        yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help=f"put the table into {POLITENESS.name}")
    options = parser.parse_args()
    report = markdown_table(HEAD, list(rows()))
    print(report)
    if options.write:
        write_between_markers(POLITENESS, "bench_pace", report)


if __name__ == "__main__":
    main()
