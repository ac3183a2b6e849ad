"""What benchmarks share: a log in its own process, processor time, medians, and tables in docs/performance.md."""

import multiprocessing
import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from ctcollect import __version__
from ctcollect.catalogue import Log, read_log_list
from ctcollect.local_log import LocalLog, serve_forever
from ctcollect.local_log.entries import Entry

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
# Answers of 256 and of 32 entries, as DigiCert's and Google's logs give them.
LIMITS = {"bench-256": 256, "bench-32": 32}
OPERATORS = {"bench-256": "DigiCert", "bench-32": "Google"}
GENERATED_ENTRIES = 40_000
JP_SHARE = 0.005
NEAR_MISS_SHARE = 0.10
START_SECONDS = 120
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Speed(NamedTuple):
    """One measurement: ``cpu_seconds`` are those of the process that did the work."""

    entries: int
    wall_seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.entries / self.wall_seconds

    @property
    def per_cpu_second(self) -> float:
        return self.entries / self.cpu_seconds


@contextmanager
def served_logs(folder: Path, repeats: int, entries: int | None = None) -> Iterator[dict[str, Log]]:
    """The logs of LIMITS by name, GENERATED_ENTRIES ``repeats`` times over, served by a process of their own.

    ``entries``: only the first so many of them. No two leaves are equal, and each .jp certificate is one of its own: to
    a recorder all of them are new.
    """
    list_file = folder / "log_list.json"
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(list_file, repeats, entries))
    process.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not list_file.exists():
            if process.exitcode is not None or time.monotonic() > deadline:
                raise SystemExit("the local logs did not start")
            time.sleep(0.1)
        yield {log.name: log for log in read_log_list(list_file.read_bytes()).logs}
    finally:
        process.terminate()
        process.join()


def _serve(list_file: Path, repeats: int, entries: int | None) -> None:
    pairs = list(islice(_pairs(repeats), entries))
    logs = [LocalLog.from_entries(name, pairs, 1, operator) for name, operator in OPERATORS.items()]
    serve_forever(logs, max_entries=LIMITS, list_file=list_file)


def _pairs(repeats: int) -> Iterator[tuple[bytes, bytes]]:
    """(leaf_input, extra_data): JP_SHARE of them are new .jp entries, the others the same again a little later."""
    count, each = GENERATED_ENTRIES * repeats, round(1 / JP_SHARE)
    others = _made(GENERATED_ENTRIES, seed=1, jp_share=0.0, near_miss_share=NEAR_MISS_SHARE)
    found = _made(-(-count // each), seed=2, jp_share=1.0, near_miss_share=0.0)
    repeated = cycle(others)
    for index in range(count):
        if index % each == each // 2:
            yield found[index // each].leaf_input, found[index // each].extra_data
        else:
            entry = next(repeated)
            yield _later(entry.leaf_input, index // GENERATED_ENTRIES), entry.extra_data


def _made(entries: int, seed: int, jp_share: float, near_miss_share: float) -> Sequence[Entry]:
    log = LocalLog.generate("made", entries, seed, jp_share=jp_share, near_miss_share=near_miss_share, odd_share=0.0)
    return log.entries


def _later(leaf_input: bytes, milliseconds: int) -> bytes:
    """The same MerkleTreeLeaf with another timestamp (octets 2 to 9)."""
    timestamp = int.from_bytes(leaf_input[2:10]) + milliseconds
    return leaf_input[:2] + timestamp.to_bytes(8) + leaf_input[10:]


def measure(work: Callable[[], int]) -> Speed:
    """How long ``work``, which returns a number of entries, takes in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    entries = work()
    return Speed(entries, time.perf_counter() - wall, time.process_time() - cpu)


def cpu_seconds_of(pid: int) -> float:
    """User and system time of a process so far (proc(5): fields 14 and 15 of stat)."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / CLOCK_TICKS


def median_and_range(values: Sequence[float]) -> str:
    """``50,000 (48,000-51,000)``."""
    return f"{statistics.median(values):,.0f} ({min(values):,.0f}-{max(values):,.0f})"


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """The first column to the left, the others, numbers, to the right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def machine_line() -> str:
    """What a figure depends on: processor, cores, Python, our version, the day."""
    names = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text()) or [platform.machine()]
    return (
        f"{names[0]}, {os.cpu_count()} cores, Python {platform.python_version()}, ctcollect {__version__}, "
        f"{datetime.now(UTC):%Y-%m-%d}"
    )


def write_between_markers(page: Path, name: str, text: str) -> None:
    """Put ``text`` between the two comments of ``name`` in ``page``; ValueError when they are not there."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    before, has_begin, rest = page.read_text().partition(begin)
    _, has_end, after = rest.partition(end)
    if not (has_begin and has_end):
        raise ValueError(f"{page} has no {begin} ... {end}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def read_table(page: Path, name: str) -> list[list[str]]:
    """The rows of all tables between the two comments of ``name`` in ``page``, with their heads and rules."""
    text = page.read_text().partition(f"<!-- begin {name} -->")[2].partition(f"<!-- end {name} -->")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
