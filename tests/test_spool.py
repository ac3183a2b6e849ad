"""The spool: what could not be delivered is tried again, each on its own, and nothing of it is ever dropped."""

import itertools
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ctcollect.errors import BrokerUnavailable, HarvestRefused
from ctcollect.spool import Spool, SpoolFolder
from ctcollect.spool.spool import MEMORY_MAX_BYTES

RETRY_SECONDS = 600.0
PLENTY = 2**30


class Clock:
    """Seconds that pass only when they are slept."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Line:
    """The way to the coordinator: notes who comes when; may be closed."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.is_open = True
        self.tries: list[tuple[float, dict[str, Any]]] = []

    def send(self, document: dict[str, Any]) -> None:
        self.tries.append((self.clock.now, document))
        if not self.is_open:
            raise BrokerUnavailable("the broker does not answer")

    def run(self, spool: Spool, seconds: float) -> None:
        """What a courier does in this time, after ``seconds`` or a little more of it."""
        end = self.clock.now + seconds
        while self.clock.now <= end:
            self.clock.now += max(spool.deliver_next(self.send), 0.01)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def line(clock: Clock) -> Line:
    return Line(clock)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "spool"


@pytest.fixture
def spool(folder: Path, clock: Clock) -> Iterator[Spool]:
    """A worker's spool, whose folder is not there yet."""
    spool = new_spool(folder, clock)
    yield spool
    spool.folder.close()


def new_spool(folder: Path, clock: Clock, max_bytes: int = PLENTY) -> Spool:
    return Spool(SpoolFolder(folder), max_bytes, RETRY_SECONDS, clock)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refuse(path: Path) -> None:
    """Put a file where a folder must be: the disk refuses, whoever asks (root may write into a read-only folder)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")


def test_a_document_is_tried_every_ten_minutes_until_it_is_delivered(spool: Spool, line: Line, folder: Path) -> None:
    """Not before, not more often; then its file is gone and it is never sent again."""
    line.is_open = False
    spool.put({"harvest": "はる"})
    line.run(spool, 2.5 * RETRY_SECONDS)
    line.is_open = True
    line.run(spool, 3 * RETRY_SECONDS)
    assert [round(at / RETRY_SECONDS, 2) for at, _ in line.tries] == pytest.approx([1, 2, 3], abs=0.02)
    assert [document for _, document in line.tries] == [{"harvest": "はる"}] * 3
    assert files(folder) == []


def test_what_a_former_run_has_left_goes_out_one_by_one(folder: Path, clock: Clock, line: Line) -> None:
    """A restarted worker delivers all of it within about ten minutes, spread over them, each once."""
    former = new_spool(folder, clock)
    for number in range(40):
        former.put({"number": number})
    clock.now += 24 * 3600
    started = clock.now
    line.run(new_spool(folder, clock), RETRY_SECONDS + 5)
    assert sorted(document["number"] for _, document in line.tries) == list(range(40))
    times = [at for at, _ in line.tries]
    assert times[-1] - started < RETRY_SECONDS + 5
    assert min(later - at for at, later in itertools.pairwise(times)) > RETRY_SECONDS / 40 / 2
    assert files(folder) == []


def test_a_burst_is_not_delivered_as_one(spool: Spool, line: Line) -> None:
    """Documents that were kept in the same moment go out with a pause after each."""
    for number in range(8):
        spool.put({"number": number})
    line.run(spool, RETRY_SECONDS + 60)
    times = [at for at, _ in line.tries]
    assert len(times) == 8
    assert min(later - at for at, later in itertools.pairwise(times)) >= 1


def test_a_damaged_file_is_set_aside(spool: Spool, line: Line, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Cut off, empty, not even packed, or holding no object: a warning each, out of the way, the rest is delivered."""
    spool.put({"good": True})
    whole = (folder / files(folder)[0]).read_bytes()
    damaged = {"1-cut.json.zst": whole[:-3], "2-empty.json.zst": b"", "3-text.json.zst": b"{}"}
    for name, data in damaged.items():
        (folder / name).write_bytes(data)
    line.run(spool, 2 * RETRY_SECONDS)
    assert [document for _, document in line.tries] == [{"good": True}]
    assert files(folder) == [f"{name}.damaged" for name in damaged]
    assert [record.levelname for record in caplog.records if "damaged" in record.message] == ["WARNING"] * 3


def test_a_document_that_is_refused_for_good_is_set_aside(spool: Spool, clock: Clock, folder: Path) -> None:
    """Such as one of an older version: it would fail each time."""

    def refuse_it(document: dict[str, Any]) -> None:
        raise HarvestRefused("not a harvest of this version")

    spool.put({"version": 0})
    clock.now += RETRY_SECONDS
    spool.deliver_next(refuse_it)
    assert [name.rpartition(".")[2] for name in files(folder)] == ["damaged"]


def test_when_the_disk_refuses_memory_keeps_it(
    spool: Spool, line: Line, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One warning for many documents; all are tried again and delivered without any file."""
    refuse(folder.parent)
    for number in range(5):
        spool.put({"number": number})
    line.run(spool, 2 * RETRY_SECONDS)
    assert [document["number"] for _, document in line.tries] == list(range(5))
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "kept in memory" in caplog.text


def test_what_is_in_memory_goes_to_the_disk_when_that_takes_it_again(
    spool: Spool, line: Line, folder: Path, clock: Clock
) -> None:
    """After a try that failed, so that a restart loses nothing any more."""
    refuse(folder.parent)
    spool.put({"number": 1})
    folder.parent.unlink()
    line.is_open = False
    line.run(spool, 1.5 * RETRY_SECONDS)
    assert len(files(folder)) == 1
    line.is_open = True
    line.run(spool, RETRY_SECONDS)
    assert files(folder) == []
    assert len(line.tries) == 2


def test_a_full_spool_says_so_once_and_takes_all_the_same(
    folder: Path, clock: Clock, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    """Two calm lines, at its filling and when there is room again; what comes meanwhile is kept too."""
    spool = new_spool(folder, clock, max_bytes=1000)
    documents = [os.urandom(200).hex() for _ in range(8)]
    for number, document in enumerate(documents):
        assert spool.is_full() == (sum(path.stat().st_size for path in folder.glob("*")) >= 1000), number
        spool.put({"document": document})
    assert spool.is_full()
    line.run(spool, 3 * RETRY_SECONDS)
    assert not spool.is_full()
    assert [document["document"] for _, document in line.tries] == documents
    first, second = [record.getMessage() for record in caplog.records]
    assert "The spool is full" in first
    assert "no new work is taken until the coordinator has taken what is kept" in first
    assert "room again" in second


def test_a_spool_that_a_former_run_filled_is_full_from_the_start(folder: Path, clock: Clock) -> None:
    """Before the first order is taken."""
    new_spool(folder, clock).put({"document": "x"})
    spool = new_spool(folder, clock, max_bytes=1)
    spool.look()
    assert spool.is_full()


def test_memory_is_full_sooner_than_the_disk(spool: Spool, folder: Path) -> None:
    """A friend's memory is not filled with a gigabyte when the disk does not take it."""
    refuse(folder.parent)
    quarter = os.urandom(MEMORY_MAX_BYTES // 4).hex()
    for _ in range(4):
        assert not spool.is_full()
        spool.put({"document": quarter})
    assert spool.is_full()


HOLDER = """
import sys, time
from pathlib import Path
from ctcollect.spool import Spool, SpoolFolder
spool = Spool(SpoolFolder(Path(sys.argv[1])), 2**30, 600)
spool.put({"from": "the other process"})
assert spool.folder.is_ours()
print("ready", flush=True)
sys.stdin.read()
"""


def test_one_process_delivers_for_all(spool: Spool, line: Line, folder: Path) -> None:
    """While another process holds the folder nothing is sent from it here; when that is killed, all of it is."""
    command = [sys.executable, "-c", HOLDER, os.fspath(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"ready\n"
        spool.put({"from": "here"})
        line.run(spool, 3 * RETRY_SECONDS)
        assert line.tries == []
        holder.kill()
    line.run(spool, 2 * RETRY_SECONDS)
    assert sorted(document["from"] for _, document in line.tries) == ["here", "the other process"]


def test_a_broken_write_leaves_nothing_behind(
    spool: Spool, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """On a full disk the part of a file that found room is taken away, and the document is in memory."""

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    caplog.set_level(logging.INFO)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full_disk)
        spool.put({"number": 1})
    assert files(folder) == []
    assert "No space left on device" in caplog.text


def test_what_a_killed_process_was_writing_is_swept_away(spool: Spool, line: Line, folder: Path) -> None:
    """Its order comes back by itself; a file that was begun a moment ago may still be written by another process."""
    folder.mkdir(parents=True)
    for name in ("old.unfinished", "new.unfinished"):
        (folder / name).write_bytes(b"half")
    os.utime(folder / "old.unfinished", (0, 0))
    line.run(spool, 1)
    assert files(folder) == ["new.unfinished"]
