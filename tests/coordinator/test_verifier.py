"""`ctcollect verify`: all is well after the main job, and each thing that is tampered with is told."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard
from sqlalchemy import delete, func, select, update

from ctcollect.cli import cli
from ctcollect.coordinator.verifier import disagreements
from ctcollect.local_log import LocalLog
from ctcollect.models import (
    CertificateRow,
    DailyCountRow,
    DeliveryRow,
    LogRow,
    MalformedRow,
    RangeRow,
    SightingRow,
    SubtreeRow,
    TreeHeadRow,
)
from ctcollect.store import Session
from tests.coordinator.copies import Start
from tests.coordinator.pipeline import Pipeline, open_pipeline, settings_in

Tampering = Callable[[Session, Path], object]


@pytest.fixture(scope="module")
def collected(log: LocalLog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """The main job is done."""
    folder = tmp_path_factory.mktemp("collected")
    with open_pipeline(settings_in(folder), log) as pipeline:
        pipeline.plan()
        pipeline.collect_all()
        assert pipeline.audit() == 1
        pipeline.store.close()
        yield Start(pipeline, folder, with_data=True)


@pytest.fixture
def pipeline(collected: Start) -> Iterator[Pipeline]:
    """A copy of it."""
    with collected.copy() as pipeline:
        yield pipeline


def leaf_files(data_dir: Path) -> list[Path]:
    return sorted((data_dir / "leaves").rglob("*.zst"))


def swap_lines(path: Path) -> None:
    """The first two entries of a leaf file under each other's index."""
    first, second, *rest = zstandard.decompress(path.read_bytes()).splitlines()
    (one, first_index), (two, second_index) = (line.split(b'"index":') for line in (first, second))
    lines = [one + b'"index":' + second_index, two + b'"index":' + first_index, *rest]
    path.write_bytes(zstandard.compress(b"\n".join(lines) + b"\n"))


TAMPERINGS: dict[str, tuple[Tampering, str]] = {
    "a head's signature": (lambda s, _: s.execute(update(TreeHeadRow).values(signature=b"\4\3\0\0")), "the head of"),
    "a head's root": (lambda s, _: s.execute(update(TreeHeadRow).values(root_hash="00" * 32)), "signed root"),
    "a hash": (lambda s, _: s.execute(update(SubtreeRow).values(hash="11" * 32)), "does not lead to a signed root"),
    "a delivery": (lambda s, _: s.execute(delete(DeliveryRow)), "do not cover what is marked as done"),
    "a bitmap": (lambda s, _: s.execute(update(RangeRow).values(units_done=b"\1")), "entries_done"),
    "a verdict": (lambda s, _: s.execute(update(RangeRow).values(state="full")), "entries_verified"),
    "a sighting": (
        lambda s, _: s.execute(delete(SightingRow).where(SightingRow.id == s.scalar(select(func.min(SightingRow.id))))),
        "the counter sightings",
    ),
    "a malformed entry": (lambda s, _: s.execute(delete(MalformedRow)), "the counter malformed"),
    "a counter": (lambda s, _: s.execute(update(LogRow).values(certificates=1)), "the counter certificates says 1"),
    "a daily count": (lambda s, _: s.execute(update(DailyCountRow).values(registered=7)), "daily counts tell of 7"),
    "a certificate": (
        lambda s, _: s.execute(update(CertificateRow).values(identity=func.hex(CertificateRow.id))),
        "another",
    ),
    "a leaf file that is gone": (lambda _, data_dir: leaf_files(data_dir)[0].unlink(), "is missing"),
    "a leaf file cut off": (lambda _, data_dir: leaf_files(data_dir)[0].write_bytes(b"\x28\xb5"), "can't be read"),
    "entries exchanged": (lambda _, data_dir: swap_lines(leaf_files(data_dir)[0]), "another certificate"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_what_was_tampered_with_is_told(pipeline: Pipeline, name: str) -> None:
    """Nothing disagrees after the main job; then one thing is changed, and a line says what does not agree."""
    data_dir = pipeline.context.settings.data_dir
    with pipeline.store.reading() as session:
        assert list(disagreements(session, data_dir)) == []
    tamper, line = TAMPERINGS[name]
    with pipeline.store.transaction() as session:
        tamper(session, data_dir)
    with pipeline.store.reading() as session:
        assert [told for told in disagreements(session, data_dir) if line in told]


def test_the_command_ends_with_1_when_something_disagrees(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`ctcollect verify` prints the lines and its status tells; with a log's name it looks at that log alone."""
    settings = pipeline.context.settings
    monkeypatch.setenv("CTCOLLECT_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("CTCOLLECT_DATA_DIR", str(settings.data_dir))
    assert verify_status("verify") == 0
    assert "everything that is stored agrees" in capsys.readouterr().out
    with pipeline.store.transaction() as session:
        session.execute(update(DailyCountRow).values(registered=7))
    assert verify_status("verify") == 1
    assert "daily counts tell of 7" in capsys.readouterr().out
    assert verify_status("verify", "demo-google") == 0


def verify_status(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        cli(arguments, standalone_mode=False)
    return int(end.value.code or 0)
