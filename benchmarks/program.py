"""What the command line of a benchmark is: ``python -m benchmarks.bench_... [--write] [--quick]``."""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.common import PAGE, write_between_markers


def run_as_program(about: str | None, marker: str, run: Callable[[Path, bool], str], page: Path = PAGE) -> None:
    """Measure and print; with ``--write`` the tables go between the markers of ``page``.

    ``run(folder, is_quick)`` gives Markdown; the folder is empty and goes afterwards. Quick: it is enough to see that
    all of it works.
    """
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help=f"put the tables into {page.name}")
    parser.add_argument("--quick", action="store_true", help="a look whether it works: few rounds, small logs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ctcollect-bench-") as folder:
        report = run(Path(folder), options.quick)
    print(report)
    if options.write:
        write_between_markers(page, marker, report)
