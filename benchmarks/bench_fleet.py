"""What a fleet costs on top of the collect path, part by part, and how that grows with the logs.

    python -m benchmarks.bench_fleet [--write] [--quick]

Takes some five minutes; everything stays on this machine. Linux only, for it reads /proc.
"""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.bench_collect import alone
from benchmarks.common import GENERATED_ENTRIES, LIMITS, Speed, machine_line, markdown_table, served_logs
from benchmarks.fleet_run import LOCAL, Cost, Fleet
from benchmarks.growth import slope_sentence
from benchmarks.program import run_as_program
from benchmarks.steps import microseconds_an_entry
from ctcollect.catalogue import Log
from ctcollect.collect import Collector
from ctcollect.memory import share_one_heap
from ctcollect.settings import load

MARKER = "bench_fleet"
REPEATS = 6
ROUNDS = 3
# A sixteenth of a range, some of them, ten times as many.
GROWTH_LOG, GROWTH_SIZES = "bench-256", (8_192, 81_920, 819_200)
PARTS = ("worker", "redis", "coordinator", "beat")
MOST_ON_TOP = 0.2


def run(folder: Path, is_quick: bool) -> str:
    """Everything; the report as Markdown."""
    rounds = 1 if is_quick else ROUNDS
    share_one_heap()  # as every worker does
    with served_logs(folder, REPEATS) as logs:
        tables = [cost_table(folder, logs, rounds)]
    tables.append(growth_table(folder, GROWTH_SIZES[:2] if is_quick else GROWTH_SIZES))
    return "\n\n".join([f"Measured on {machine_line()}.", *tables])


def cost_table(folder: Path, logs: Mapping[str, Log], rounds: int) -> str:
    """Microseconds of processor time an entry: the collect path alone, then the same in a fleet, in turn.

    Alone in one thread, and in as many as a lane has: those take turns at Python's lock, in a fleet or without one.
    """
    settings = load(LOCAL)
    collector, threads = Collector(settings), (1, settings.lane_concurrency)
    paths: dict[tuple[str, int], list[Speed]] = {(name, count): [] for name in logs for count in threads}
    costs: dict[str, list[Cost]] = {name: [] for name in logs}
    for number in range(rounds):
        for name, log in logs.items():
            cost = Fleet(folder / f"fleet-{name}-{number}", log).collect()
            costs[name].append(cost)
            for count in threads:
                paths[name, count].append(alone(collector, log, cost.entries, log.subrange_entries, count))
    path = {key: statistics.median(map(microseconds_an_entry, speeds)) for key, speeds in paths.items()}
    whole = {name: median(costs[name], *PARTS) for name in logs}
    rows = [
        (f"the collect path alone, {threads_of(count)}", *(f"{path[name, count]:.2f}" for name in logs))
        for count in threads
    ]
    rows += [(f"in a fleet: {part}", *(f"{median(costs[name], part):.2f}" for name in logs)) for part in PARTS]
    rows.append(("in a fleet: all together", *(f"{whole[name]:.2f}" for name in logs)))
    rows += [
        (
            f"on top of the collect path in {threads_of(count)}",
            *(f"{whole[name] / path[name, count] - 1:.0%}" for name in logs),
        )
        for count in threads
    ]
    rows.append(("aim", *(f"{MOST_ON_TOP:.0%}" for _ in logs)))
    return markdown_table(["CPU microseconds an entry", *(f"{LIMITS[name]} an answer" for name in logs)], rows)


def threads_of(count: int) -> str:
    return f"{count} threads" if count > 1 else "one thread"


def median(costs: Sequence[Cost], *parts: str) -> float:
    return statistics.median(cost.microseconds(*parts) for cost in costs)


def cost_of_log(folder: Path, entries: int) -> Cost:
    """A fleet and a log of that size, both new."""
    folder.mkdir()
    with served_logs(folder, -(-entries // GENERATED_ENTRIES), entries) as logs:
        return Fleet(folder / "fleet", logs[GROWTH_LOG]).collect()


def growth_table(folder: Path, sizes: Sequence[int]) -> str:
    """The same fleet with ever more to do."""
    costs = [cost_of_log(folder / f"growth-{size}", size) for size in sizes]
    rows = [
        (
            f"{cost.entries:,}",
            f"{cost.entries / 131_072:.2f}",
            f"{cost.wall_seconds:.1f}",
            f"{cost.microseconds() * cost.entries / 1e6:.2f}",
            f"{cost.microseconds():.2f}",
        )
        for cost in costs
    ]
    head = ["entries", "ranges", "seconds", "CPU seconds of all parts", "CPU microseconds an entry"]
    seconds = [cost.microseconds() * cost.entries for cost in costs]
    return f"{markdown_table(head, rows)}\n\n{slope_sentence('CPU seconds', 'the entries', sizes, seconds)}"


if __name__ == "__main__":
    run_as_program(__doc__, MARKER, run)
