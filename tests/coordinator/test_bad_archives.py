"""An archive that is not sound: one clear line, the log rests with it, everything else goes on, and so does the log."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from ctcollect.coordinator import archives
from ctcollect.holdings import holdings_of, write_holdings
from ctcollect.local_log import LocalLog
from ctcollect.local_log.archive import write_archive
from ctcollect.models import LogRow
from ctcollect.settings import Settings
from ctcollect.store import utc_now
from ctcollect.store.workers import WorkerSign, note_signs
from tests.coordinator.conftest import on_sqlite
from tests.coordinator.friends import ALICE, QUEUES
from tests.coordinator.pipeline import Pipeline, open_pipeline

pytestmark = on_sqlite
TILE = "tile/data/001"


@pytest.fixture
def zip_path(tmp_path: Path) -> Path:
    return tmp_path / "zips" / "000.zip"


@pytest.fixture
def pipeline(
    settings: Settings, log: LocalLog, small_twin: LocalLog, zip_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pipeline]:
    """An archive that alice has, and another log; both are planned."""
    monkeypatch.setattr("ctcollect.collect.FIRST_PAUSE_SECONDS", 0.01)
    mine = replace(settings, archives=str(zip_path.parent))
    with open_pipeline(mine, log, small_twin) as pipeline:
        write_archive(log, zip_path.parent, pipeline.server.log_url(log.name))
        archives.import_archive(pipeline.store, mine, [str(zip_path)])
        with pipeline.store.transaction() as session:
            held = write_holdings(holdings_of({log.log_id: [0]}))
            note_signs(session, [WorkerSign(ALICE.worker, utc_now(), queues=QUEUES, archives=held)])
        pipeline.plan()
        yield pipeline
        pipeline.collector.shared.archives.close()
        pipeline.context.shared.archives.close()


def without_a_tile(path: Path) -> None:
    with ZipFile(path) as whole, ZipFile(path.with_suffix(".new"), "w") as written:
        for info in whole.infolist():
            if info.filename != TILE:
                written.writestr(info, whole.read(info))
    path.with_suffix(".new").replace(path)


def with_a_damaged_tile(path: Path) -> None:
    data = path.read_bytes()
    at = data.index(TILE.encode()) + 1000
    path.write_bytes(data[:at] + bytes(16) + data[at + 16 :])


def with_a_short_tile(path: Path) -> None:
    with ZipFile(path) as whole, ZipFile(path.with_suffix(".new"), "w") as written:
        for info in whole.infolist():
            body = whole.read(info)
            written.writestr(info.filename, body[:-1] if info.filename == TILE else body)
    path.with_suffix(".new").replace(path)


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (without_a_tile, f"has no {TILE}"),
        (with_a_damaged_tile, f"{TILE}: "),
        (with_a_short_tile, f"{TILE}: entry 255 of 256"),
    ],
)
def test_a_member_that_is_missing_or_damaged(
    pipeline: Pipeline, log: LocalLog, zip_path: Path, spoil: Callable[[Path], None], line: str
) -> None:
    """What comes before it is brought; with a sound file in its place the log goes on where it stopped."""
    sound = zip_path.read_bytes()
    spoil(zip_path)
    pipeline.collect_all()
    row, other = pipeline.log(log.name), pipeline.log("demo-twin")
    assert row.entries_done == 256
    assert line in (row.last_fault or "")
    assert "\n" not in (row.last_fault or "")
    assert row.rest_until is not None
    assert other.entries_done == other.tree_size
    zip_path.with_suffix(".new").write_bytes(sound)
    zip_path.with_suffix(".new").replace(zip_path)
    with pipeline.store.transaction() as session:
        session.get_one(LogRow, log.log_id_hex).rest_until = None
    pipeline.collect_all()
    assert pipeline.audit() == 2
    assert pipeline.log(log.name).entries_done == log.published
