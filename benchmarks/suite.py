"""All benchmarks, one after the other, each in a process of its own; what they measure goes into docs/.

    python -m benchmarks.suite [--only collect,fleet] [--quick] [--dir FOLDER] [--list]

``make bench ARGS="--only collect"`` does the same. One that fails does not stop the others; the status is then 1.
``--quick`` is a look whether they work: small, and nothing is written. Those that measure a large collection need the
folder of ``benchmarks.web_data``, which is filled when it is empty, and are left out without one.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import PAGE, write_between_markers
from benchmarks.versions import version_table

HERE = Path(__file__).parent
MARKER = "suite"
NEEDS_COLLECTION = "left out: it measures a collection of 10,000,000 certificates; --dir FOLDER says where (22 GB)"


@dataclass(frozen=True)
class Part:
    """``python -m benchmarks.MODULE ARGUMENTS --write``; tables go into ``docs/PAGE``. ``quick``: other arguments."""

    name: str
    module: str
    page: str
    what: str
    arguments: tuple[str, ...] = ()
    quick: tuple[str, ...] = ("--quick",)
    needs_collection: bool = False

    def command(self, is_quick: bool, folder: Path | None) -> list[str]:
        chosen = self.quick if is_quick else (*self.arguments, "--write")
        place = ("--dir", str(folder)) if self.needs_collection else ()
        return [sys.executable, "-m", f"benchmarks.{self.module}", *chosen, *place]


PARTS = (
    Part("collect", "bench_collect", "performance.md", "the collect path beside its peers, by step, and its growth"),
    Part("fleet", "bench_fleet", "performance.md", "what a fleet adds to the collect path, and its growth"),
    Part("distance", "bench_distance", "performance.md", "what a friend far from the broker loses"),
    Part("backlog", "bench_backlog", "performance.md", "the broker's memory while nothing is recorded"),
    Part(
        "recorder",
        "bench_recorder",
        "performance.md",
        "how many harvests are recorded, and its growth",
        ("--stored", "10000,100000,1000000", "--recorders", "1,2"),
        quick=("--stored", "10000", "--seconds", "5"),
    ),
    Part(
        "sustained",
        "bench_recorder",
        "performance.md",
        "200,000 entries a second for five minutes",
        ("--stored", "10000000", "--recorders", "2", "--rate", "200000", "--seconds", "300"),
        quick=("--stored", "10000000", "--recorders", "2", "--rate", "20000", "--seconds", "5"),
        needs_collection=True,
    ),
    Part("groups", "bench_groups", "performance.md", "what harvests save that share a transaction"),
    Part("ledger", "bench_ledger", "performance.md", "the ledger of all logs, and its growth", quick=("--sizes", "1")),
    Part("lanes", "bench_lanes", "performance.md", "what a lane loses to its neighbour, what a worker takes"),
    Part("pace", "bench_pace", "politeness.md", "how near to a log's limit the pace comes", quick=()),
    Part("windows", "bench_windows", "windows.md", "planning at the size of real logs", quick=()),
    Part("analysis", "bench_analysis", "analysis.md", "how right the analysis is", quick=("--domains", "1000")),
    Part("report", "bench_report", "report.md", "the report of a large collection", quick=("--certificates", "100000")),
    Part("fuzz", "fuzz", "chaos.md", "a million broken inputs", quick=("--inputs", "10000")),
    Part(
        "chaos",
        "chaos",
        "chaos.md",
        "a fleet that is broken every two seconds",
        ("--seed", "2"),
        quick=("--entries", "20000", "--no-data-loss"),
    ),
    Part("search", "bench_search", "performance.md", "a page of certificates", quick=(), needs_collection=True),
    Part("web", "bench_web", "performance.md", "every page", quick=("--seconds", "1"), needs_collection=True),
    Part("export", "bench_export", "export.md", "an export", quick=("--export-only",), needs_collection=True),
)


def all_parts() -> list[Part]:
    """Those above, then every other bench_*.py, which is run as it is."""
    known = {part.module for part in PARTS}
    others = [path.stem for path in sorted(HERE.glob("bench_*.py")) if path.stem not in known]
    return [*PARTS, *(Part(each.removeprefix("bench_"), each, PAGE.name, "") for each in others)]


def run(part: Part, is_quick: bool, folder: Path | None) -> str:
    """What became of it, in a line; its tables go to standard output."""
    if part.needs_collection and folder is None:
        return NEEDS_COLLECTION
    started_at, load = time.monotonic(), os.getloadavg()[0]
    status = subprocess.run(part.command(is_quick, folder), check=False).returncode
    ended = "measured" if status == 0 else f"failed with status {status}"
    return f"{ended} in {time.monotonic() - started_at:,.0f} s, load average {load:.1f} at its begin"


def measure(parts: Sequence[Part], is_quick: bool, folder: Path | None) -> Iterator[tuple[str, str]]:
    """(name, what became of it) for each, as it ends."""
    for part in parts:
        print(f"\n== {part.name}: {part.what}", flush=True)
        outcome = run(part, is_quick, folder)
        print(f"== {part.name}: {outcome}", flush=True)
        yield part.name, outcome


def chosen(names: str) -> list[Part]:
    """The parts of a comma list, all for none; SystemExit with a line for a name that is none."""
    parts = {part.name: part for part in all_parts()}
    wanted = [name.strip() for name in names.split(",") if name.strip()] or list(parts)
    if unknown := [name for name in wanted if name not in parts]:
        raise SystemExit(f"bench: there is no {', '.join(unknown)}; there are {', '.join(parts)}")
    return [parts[name] for name in wanted]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default="", metavar="NAME,...", help="these alone")
    parser.add_argument("--quick", action="store_true", help="a look whether they work; nothing is written")
    parser.add_argument("--dir", type=Path, metavar="FOLDER", help="the collection of benchmarks.web_data")
    parser.add_argument("--list", action="store_true", help="what there is")
    options = parser.parse_args(arguments)
    parts = chosen(options.only)
    if options.list:
        print("\n".join(f"{part.name:9} docs/{part.page:15} {part.what}" for part in parts))
        return
    if not options.quick:
        write_between_markers(PAGE, MARKER, version_table())
    outcomes = dict(measure(parts, options.quick, options.dir))
    print("\n" + "\n".join(f"{name:9} {outcome}" for name, outcome in outcomes.items()))
    sys.exit(any(outcome.startswith("failed") for outcome in outcomes.values()))


if __name__ == "__main__":
    main()
