"""A static-ct log that does not keep its word: one clear line, the log rests with it, and nothing false is stored."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from ctcollect.errors import BadAnswer, BadSignature, CtcollectError
from ctcollect.local_log import LocalLog
from ctcollect.models import RangeRow
from ctcollect.protocol.static_ct import DATA, Tile, tile_path
from tests.coordinator.bent import Bend, bend, body, missing
from tests.coordinator.conftest import OpenPipeline, on_sqlite, published
from tests.coordinator.pipeline import Pipeline

FIRST_TILE = "tile/data/000"


@pytest.fixture
def static(open_fleet: OpenPipeline, log: LocalLog, small_twin: LocalLog) -> Pipeline:
    """The log and another one, served as tiles; nothing is planned."""
    return open_fleet(published(log, 2100), small_twin, static=True)


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


@on_sqlite
@pytest.mark.parametrize(
    ("bent", "error", "line"),
    [
        (body(lambda note: note.replace(b"demo-google", b"demo-other"), "checkpoint"), BadAnswer, "own key"),
        (body(lambda note: note.replace(b"\n2100\n", b"\n2000\n"), "checkpoint"), BadSignature, "did not sign"),
        (body(lambda note: note[:40], "checkpoint"), BadAnswer, "not a signed note"),
        (body(lambda note: b"<html>", "checkpoint"), BadAnswer, "not a signed note"),
    ],
)
def test_a_checkpoint_that_is_not_the_logs(
    static: Pipeline, log: LocalLog, bent: Bend, error: type[CtcollectError], line: str
) -> None:
    """The log gets no head and rests with the reason; the other one is planned all the same."""
    bend(static, lambda path, answer: answer if "twin" in path else bent(path, answer))
    with pytest.raises(error, match=line):
        static.plan(log.name)
    row = static.log(log.name)
    assert (row.tree_size, row.rest_until is not None) == (0, True)
    assert line in (row.last_fault or "")
    assert "\n" not in (row.last_fault or "")
    static.server._http.get = static.server.get
    static.plan("demo-twin")


@on_sqlite
def test_a_checkpoint_of_another_origin(static: Pipeline, log: LocalLog) -> None:
    """Signed by the log's key, yet in another name than its submission prefix: refused."""
    with static.store.transaction() as session:
        session.get_one(type(static.log(log.name)), log.log_id_hex).submission_url = "https://elsewhere.example.jp/"
    with pytest.raises(BadSignature, match=r"a checkpoint of '127\.0\.0\.1:\d+/demo-google', not of 'elsewhere"):
        static.plan(log.name)


@on_sqlite
@pytest.mark.parametrize(
    ("bent", "line"),
    [
        (body(lambda tile: tile[:-1], FIRST_TILE), "entry 255 of 256"),
        (body(lambda tile: tile + b"\0", FIRST_TILE), "left over"),
        (body(lambda tile: b"", FIRST_TILE), "entry 0 of 256"),
        (body(lambda tile: tile[:8] + b"\0\x07" + tile[10:], FIRST_TILE), "entry_type 7"),
        (missing(FIRST_TILE), "404"),
        (body(flipped, "issuer/"), "another hash than its name says"),
        (missing("issuer/"), "404"),
    ],
)
def test_a_tile_that_is_none(
    static: Pipeline, log: LocalLog, bent: Bend, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes before it is brought, the log rests with the reason, and goes on when it is well again."""
    monkeypatch.setattr("ctcollect.collect.FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr("ctcollect.readers.static_ct.FIRST_PAUSE_SECONDS", 0.01)
    static.plan(log.name)
    bend(static, bent)
    harvests = static.collect(static.feed())
    static.record(harvests)
    assert line in harvests[0].fault
    assert line in (static.log(log.name).last_fault or "")
    static.server._http.get = static.server.get
    with static.store.transaction() as session:
        session.get_one(type(static.log(log.name)), log.log_id_hex).rest_until = None
    static.collect_all()
    assert static.audit() == 1


@on_sqlite
def test_ranges_are_proven_by_tiles(
    open_fleet: OpenPipeline, big_log: LocalLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A false entry is found by the tiles of hashes; while those are false themselves, ranges wait, nothing is lost."""
    monkeypatch.setattr("ctcollect.coordinator.auditor.PAUSES_SECONDS", (0.0,))
    pipeline = open_fleet(big_log, static=True)
    pipeline.plan()
    orders = pipeline.feed()
    index = next(index for index, truth in enumerate(big_log.truth) if truth.jp_names)
    timestamp = big_log.entries[index].leaf_input[2:12]
    false = timestamp[:7] + bytes([timestamp[7] ^ 1]) + timestamp[8:]
    bend(pipeline, body(lambda tile: tile.replace(timestamp, false, 1), tile_path(Tile(DATA, index // 256, 256))))
    pipeline.record(pipeline.collect(orders))
    for bent in (body(flipped, "tile/"), missing("tile/"), body(lambda tile: tile[1:], "tile/")):
        bend(pipeline, bent)
        assert pipeline.audit() == 0
        assert pipeline.states() == {"full": 2}
        audit_again(pipeline)
    pipeline.server._http.get = pipeline.server.get
    assert pipeline.audit() == 1
    assert pipeline.states() == {"open": 1, "verified": 1}
    pipeline.collect_all()
    assert pipeline.audit() == 1


def audit_again(pipeline: Pipeline) -> None:
    with pipeline.store.transaction() as session:
        session.execute(update(RangeRow).values(audit_after=None))


@on_sqlite
def test_a_hybrid(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """A log with tiles of entries and no checkpoint gives its head and its proofs by RFC 6962."""
    pipeline = open_fleet(log, static=True)
    with pipeline.store.transaction() as session:
        row = session.get_one(type(pipeline.log(log.name)), log.log_id_hex)
        row.url = pipeline.server.log_url(log.name)

    def get(path: str, client: str) -> object:
        is_file = "/tile/" in path or "/issuer/" in path
        if path.endswith("/checkpoint") or "/tile/0/" in path or "/tile/1/" in path:
            return replace(honest("/nothing", client))
        return honest(path.replace(f"/{log.name}/", f"/{log.name}/static/") if is_file else path, client)

    honest = pipeline.server.get
    pipeline.server._http.get = get  # type: ignore[assignment]
    pipeline.plan()
    pipeline.collect_all()
    reader = pipeline.context.reader(pipeline.log(log.name))
    assert reader.audit_path(5, log_leaf(log, 5), 2000) == log.tree.audit_path(5, 2000)
    assert reader.consistency_proof(300, 2000) == log.tree.consistency_proof(300, 2000)
    assert reader.entry_and_proof(7, 2000).audit_path == log.tree.audit_path(7, 2000)
    assert pipeline.audit() == 1


def log_leaf(log: LocalLog, index: int) -> bytes:
    return log.tree.node(0, index)
