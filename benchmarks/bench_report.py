"""The report of a large collection, from Parquet: python -m benchmarks.bench_report --write

Makes an export with --certificates (10,000,000: some 2 GB, and as much again while it works) and has the command write
its report; memory is that of all its processes together. --write puts the table into docs/report.md.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.common import machine_line, markdown_table, write_between_markers
from benchmarks.report_data import write_export

PAGE = Path(__file__).parents[1] / "docs" / "report.md"
LOOK_EVERY_SECONDS = 0.5


class Measured(NamedTuple):
    """One report; ``phases``: seconds from the begin until a line of progress spoke of it first."""

    seconds: float
    peak_bytes: int
    phases: dict[str, float]
    lineages: int


def measure(folder: Path, processes: int) -> Measured:
    """The command's time, its line of progress, and the most memory that it and its children held."""
    command = [
        sys.executable, "-m", "ctcollect", "report", "--from-export", str(folder / "export"),
        "--out", str(folder / "report"),
        "--processes", str(processes),
    ]  # fmt: skip
    begin, peak_bytes = time.monotonic(), 0
    with (folder / "progress").open("w") as lines:
        process = subprocess.Popen(command, stderr=lines, stdout=subprocess.DEVNULL)
        phases: dict[str, float] = {}
        while process.poll() is None:
            time.sleep(LOOK_EVERY_SECONDS)
            peak_bytes = max(peak_bytes, _resident_bytes(process.pid))
            for phase in ("analyses", "draws"):
                if phase not in phases and phase in (folder / "progress").read_text():
                    phases[phase] = time.monotonic() - begin
    if process.returncode:
        raise SystemExit((folder / "progress").read_text())
    with (folder / "report" / "lineages.csv").open() as file:
        lineages = sum(1 for _ in file) - 1
    return Measured(time.monotonic() - begin, peak_bytes, phases, lineages)


def _resident_bytes(pid: int) -> int:
    """Of a process and its children; what they share is counted once a process (proc(5): VmRSS, task children)."""
    total = 0
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            total = int(line.split()[1]) * 1024
    return total + sum(_resident_bytes(int(child)) for child in children)


def table(found: Measured, certificates: int) -> str:
    head = [
        "certificates", "name sets", "seconds", "until the first piece is analysed", "until the first figure",
        "certificates/s", "peak MB, all processes",
    ]  # fmt: skip
    times = (found.seconds, found.phases.get("analyses", 0.0), found.phases.get("draws", found.seconds))
    speed, size = certificates / found.seconds, found.peak_bytes / 1e6
    return markdown_table(head, [[f"{value:,.0f}" for value in (certificates, found.lineages, *times, speed, size)]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--certificates", type=int, default=10_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="put the table into docs/report.md")
    given = parser.parse_args()
    with TemporaryDirectory(prefix="bench-report-") as name:
        write_export(Path(name, "export"), given.certificates)
        Path(name, "made.duckdb").unlink()
        found = measure(Path(name), given.processes)
    text = f"{given.processes} processes. Measured on {machine_line()}.\n\n{table(found, given.certificates)}"
    print(text)
    if given.write:
        write_between_markers(PAGE, "bench_report", text)


if __name__ == "__main__":
    main()
