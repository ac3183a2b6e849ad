"""Debian's certspotter, another collector altogether, agrees with ours on one log."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson
import pytest

from ctcollect.collect import Collector
from ctcollect.coordinator.entries import read_entries
from ctcollect.harvest import Order
from ctcollect.local_log import LocalLog, LocalLogServer
from ctcollect.protocol.codec import decode_base64
from ctcollect.settings import load
from tests.services.processes import ProcessGroup
from tests.services.programs import find_program

ENTRIES = 6000
# What certspotter does not parse, by what is wrong with the entry: it reports those for people to look at.
UNDETERMINED = {"rubbish", "rubbish-jp", "trailing-bytes"}

pytestmark = pytest.mark.skipif(not shutil.which("certspotter"), reason="certspotter is not installed")


class Report(NamedTuple):
    """What certspotter says: indices that match, indices that it can't judge, its verified position."""

    matching: set[int]
    undetermined: set[int]
    verified_size: int
    verified_root: str


@pytest.fixture(scope="module")
def log() -> LocalLog:
    """Many .jp entries, near misses and oddities."""
    return LocalLog.generate("agreed", ENTRIES, seed=8, jp_share=0.1, near_miss_share=0.2, odd_share=0.05)


@pytest.fixture(scope="module")
def server(log: LocalLog) -> Iterator[LocalLogServer]:
    with LocalLogServer([log]) as server:
        yield server


@pytest.fixture(scope="module")
def report(server: LocalLogServer, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """It reads the whole log and is stopped."""
    folder = tmp_path_factory.mktemp("certspotter")
    log_list, watch_list = folder / "list.json", folder / "watch.txt"
    log_list.write_bytes(orjson.dumps(server.log_list()))
    watch_list.write_text(".jp\n")
    files: list[str | Path] = ["-logs", log_list, "-watchlist", watch_list, "-state_dir", folder / "state"]
    with ProcessGroup(folder) as processes:
        process = processes.start([find_program("certspotter"), *files, "-stdout", "-no_save", "-verbose"])
        process.wait_for_line(r"finished downloading entries from")
        process.wait_for_line(r"saving state in defer")
        process.terminate()
    return _read_report(process.output(), folder / "state")


def _read_report(output: str, state_dir: Path) -> Report:
    state = orjson.loads(next(state_dir.glob("logs/*/state.json")).read_bytes())
    undetermined = {int(path.stem) for path in state_dir.glob("logs/*/malformed_entries/*.json")}
    mentioned = {int(index) for index in re.findall(r"^\s+Log Entry = (\d+) @ ", output, re.MULTILINE)}
    head = state["verified_sth"]
    return Report(mentioned - undetermined, undetermined, state["verified_position"]["size"], head["sha256_root_hash"])


@pytest.fixture(scope="module")
def found(log: LocalLog, server: LocalLogServer) -> set[int]:
    """What our collect path finds, as the recorder reads it."""
    order = Order(log.log_id_hex, log.name, server.log_url(log.name), "rfc6962", "google", 0, ENTRIES, 32)
    collector = Collector(load({"CTCOLLECT_ALLOW_LOCAL_LOGS": "1"}))
    harvests = list(collector.collect(order))
    assert harvests[-1].end == ENTRIES
    return {each.index for harvest in harvests for each in read_entries(harvest.entries)[0]}


def test_certspotter_accepts_the_local_log(log: LocalLog, report: Report) -> None:
    """It has verified the signed head, and its hashes of all entries lead to the head's root."""
    assert report.verified_size == ENTRIES
    assert decode_base64(report.verified_root) == log.head().root_hash


def test_both_find_the_same_entries(log: LocalLog, report: Report, found: set[int]) -> None:
    """Of the entries that certspotter can read both find the same to be .jp."""
    assert len(report.matching) > 300
    assert found - report.undetermined == report.matching


def test_what_certspotter_cannot_read(log: LocalLog, report: Report, found: set[int]) -> None:
    """It gives up on rubbish, as we do, and on bytes after a certificate, where we still read the names."""
    assert report.undetermined == {i for i, truth in enumerate(log.truth) if truth.odd in UNDETERMINED}
    with_names = {i for i, truth in enumerate(log.truth) if truth.odd == "trailing-bytes" and truth.jp_names}
    assert with_names
    assert found & report.undetermined == with_names
