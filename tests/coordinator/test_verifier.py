"""`ctcollect verify`: all is well after the main job, and each thing that is tampered with is told."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard
from sqlalchemy import delete, func, select, update

from benchmarks.ledger_data import bring_to
from benchmarks.ledger_logs import ENTRIES, made_logs
from ctcollect.cli import cli
from ctcollect.cli.verify import Way
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
from ctcollect.ranges import RANGE_ENTRIES, Span
from ctcollect.store import Session, Store, ledger, schema
from ctcollect.store import logs as log_store
from ctcollect.store.verify import ROWS_AT_ONCE
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
    "a path": (
        lambda s, _: s.execute(update(RangeRow).values(audit_path=["no hash"], verified_size=9)),
        "non-hexadecimal",
    ),
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


def test_the_ledger_alone_is_a_matter_of_its_own(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`ctcollect verify --ledger` tells a false proof and a false counter, and looks at no certificate."""
    settings = pipeline.context.settings
    monkeypatch.setenv("CTCOLLECT_DATABASE_URL", settings.database_url)
    with pipeline.store.transaction() as session:
        session.execute(update(DailyCountRow).values(registered=7))
    assert (verify_status("verify", "--ledger"), verify_status("verify")) == (0, 1)
    assert "everything in the ledger agrees" in capsys.readouterr().out
    with pipeline.store.transaction() as session:
        session.execute(update(SubtreeRow).values(hash="11" * 32))
        session.execute(update(LogRow).values(open_ranges=5))
    assert verify_status("verify", "--ledger") == 1
    told = capsys.readouterr().out
    assert "does not lead to a signed root" in told
    assert "the counter open_ranges says 5, there are 0" in told


def test_every_one_of_many_ranges_is_looked_at(mysql_url: str, tmp_path: Path) -> None:
    """More than are read at once, on MariaDB: nothing disagrees; then what is wrong with the last one is told."""
    made = made_logs(ENTRIES // 10, port=1)[0]
    store = Store(mysql_url)
    schema.upgrade(store)
    with store.transaction() as session:
        log_store.put_logs(session, [made.log])
        log_store.put_head(session, made.log.log_id, made.head)
        log = log_store.log_named(session, made.log.name)
        ledger.want(session, log, Span(0, made.tree_size), made.tree_size)
    bring_to(store.engine, [made], 0.0, 1.0)
    assert made.ranges > ROWS_AT_ONCE
    with store.reading() as session:
        assert list(disagreements(session, tmp_path)) == []
    with store.transaction() as session:
        last = SubtreeRow.node_index == made.ranges - 1
        session.execute(update(SubtreeRow).where(last).values(hash="11" * 32))
    with store.reading() as session:
        told = list(disagreements(session, tmp_path))
    store.close()
    assert len(told) == 2
    assert all(str(Span(made.tree_size - RANGE_ENTRIES, made.tree_size)) in line for line in told)


def test_a_long_walk_says_how_long_the_rest_takes(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing in the first two seconds of each part, then a line in ten seconds."""
    clock = iter([0, 1, 2, 5, 12, 100, 101, 130])
    way = Way(clock=lambda: next(clock))
    for done in (1, 10, 20, 50, 120):
        way.tell("proofs", done, 0)
    for done in (1, 2, 100):
        way.tell("deliveries", done, 1_000)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["proofs: 20", "proofs: 120", "deliveries: 100 of 1,000, about 4 minutes left"]


def verify_status(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        cli(arguments, standalone_mode=False)
    return int(end.value.code or 0)
