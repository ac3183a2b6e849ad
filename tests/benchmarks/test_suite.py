"""The suite of benchmarks: one command, and what is missing does not stop it."""

from pathlib import Path

import orjson
import pytest

from benchmarks import suite
from benchmarks.bench_collect import ALONE, Rounds, speed_table
from benchmarks.common import Speed
from benchmarks.growth import slope
from benchmarks.peers import Certspotter
from benchmarks.suite import Part, all_parts, chosen, measure
from ctcollect.catalogue import read_log_list
from ctcollect.local_log import LocalLog, LocalLogServer

ROOT = Path(__file__).parents[2]


def test_a_peer_that_is_missing_is_named_in_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do about it; the rows of the others stand."""
    monkeypatch.setenv("PATH", "")
    with LocalLogServer([LocalLog.generate("bench-32", 320, seed=1)]) as server:
        list_file = tmp_path / "log_list.json"
        list_file.write_bytes(orjson.dumps(server.log_list()))
        logs = {log.name: log for log in read_log_list(list_file.read_bytes()).logs}
        measured = Rounds(tmp_path, logs, {(ALONE, "bench-32"): [Speed(100, 1.0, 0.5)]})
        for _ in range(2):
            measured.theirs([Certspotter()], seconds=1.0)
    table = speed_table(measured.speeds, measured.missing)
    assert "| certspotter | 32 | not installed (Debian: apt install certspotter) |  |" in table
    assert f"| {ALONE} | 32 | 100 (100-100) | 200 (200-200) |" in table


def test_a_benchmark_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    """It is named with its status; one that measures a large collection is left out with a sentence."""
    parts = [
        Part("broken", "there_is_none", "performance.md", ""),
        Part("large", "bench_search", "performance.md", "", needs_collection=True),
        Part("fine", "growth", "performance.md", ""),
    ]
    outcomes = dict(measure(parts, is_quick=True, folder=None))
    assert outcomes["broken"].startswith("failed with status 1")
    assert outcomes["large"].startswith("left out: ")
    assert outcomes["fine"].startswith("measured in ")


def test_the_suite_knows_every_benchmark() -> None:
    """Each is a module that is there, with a page that is there; one that nobody has listed is run all the same."""
    modules = {part.module for part in all_parts()}
    assert modules >= {path.stem for path in (ROOT / "benchmarks").glob("bench_*.py")}
    for part in all_parts():
        assert (ROOT / "benchmarks" / f"{part.module}.py").exists()
        assert (ROOT / "docs" / part.page).exists()


def test_a_name_that_is_none_is_told() -> None:
    """In a line, with the names that there are."""
    assert [part.name for part in chosen("fleet, collect")] == ["fleet", "collect"]
    with pytest.raises(SystemExit, match=r"there is no colect; there are collect, fleet"):
        chosen("colect")
    with pytest.raises(SystemExit, match="there is no nothing"):
        suite.main(["--only", "nothing"])


def test_a_slope_is_the_power_of_the_growth() -> None:
    """One for what doubles with its size, two for what quadruples."""
    sizes = (10, 100, 1000)
    assert slope(sizes, [3 * size for size in sizes]) == pytest.approx(1)
    assert slope(sizes, [size**2 for size in sizes]) == pytest.approx(2)
