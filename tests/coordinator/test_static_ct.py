"""One local log served in several ways: what is stored is the same."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ctcollect.coordinator import archives
from ctcollect.holdings import holdings_of, write_holdings
from ctcollect.local_log import LocalLog
from ctcollect.local_log.archive import write_archive
from ctcollect.settings import Settings
from ctcollect.store import utc_now
from ctcollect.store.workers import WorkerSign, note_signs
from tests.coordinator.conftest import OpenPipeline, on_sqlite, published
from tests.coordinator.friends import ALICE, QUEUES, Friend
from tests.coordinator.pipeline import Pipeline, open_pipeline
from tests.coordinator.ways import leaves, stored
from tests.file_server import serve_files

ArchiveOf = Callable[[Pipeline], str]


@contextmanager
def closing_archives(pipeline: Pipeline) -> Iterator[None]:
    """Zip files stay open as long as a process may need them."""
    yield
    pipeline.collector.shared.archives.close()
    pipeline.context.shared.archives.close()


def has_files(pipeline: Pipeline, friend: Friend, log: LocalLog, *numbers: int) -> None:
    """The friend's worker runs and has these zip files of the log, the first one without a word."""
    archives = write_holdings(holdings_of({log.log_id: numbers or [0]}))
    with pipeline.store.transaction() as session:
        note_signs(session, [WorkerSign(friend.worker, utc_now(), queues=QUEUES, archives=archives)])


def collected(
    settings: Settings, log: LocalLog, way: str, tmp_path: Path, archive: ArchiveOf | None = None, **options: Any
) -> Any:
    """What is stored, and what is in the leaf files, once the log is collected and verified in this way."""
    url = f"sqlite:///{tmp_path}/{way}.sqlite"
    mine = replace(settings, data_dir=tmp_path / way, database_url=url)
    with open_pipeline(mine, log, **options) as pipeline, closing_archives(pipeline):
        if archive is not None:
            archives.import_archive(pipeline.store, mine, [archive(pipeline)])
            has_files(pipeline, ALICE, log)
        pipeline.plan()
        pipeline.collect_all()
        assert pipeline.audit() == 1
        assert pipeline.states() == {"verified": 1}
        return stored(pipeline.store), leaves(tmp_path / way)


@on_sqlite
def test_the_same_is_stored_from_tiles(settings: Settings, log: LocalLog, tmp_path: Path) -> None:
    """Tables and leaf files are equal row by row, whether a log is read by RFC 6962 or by static-ct-api."""
    by_rfc6962 = collected(settings, log, "rfc6962", tmp_path)
    assert len(by_rfc6962[1]) > 100
    assert collected(settings, log, "static", tmp_path, static=True, gzip=True) == by_rfc6962


@on_sqlite
def test_the_same_is_stored_from_an_archive(settings: Settings, log: LocalLog, tmp_path: Path) -> None:
    """Tables and leaf files are equal row by row, whether a log is read alive or from zip files in a folder."""

    def written(pipeline: Pipeline) -> str:
        write_archive(log, tmp_path / "zips", pipeline.server.log_url(log.name))
        return str(tmp_path / "zips")

    by_rfc6962 = collected(settings, log, "rfc6962", tmp_path)
    has_file = replace(settings, archives=str(tmp_path / "zips"))
    assert collected(has_file, log, "archive", tmp_path, written) == by_rfc6962


@on_sqlite
def test_the_same_is_stored_from_many_zip_files(settings: Settings, log: LocalLog, tmp_path: Path) -> None:
    """The same from an archive whose zip files hold 256 entries each, more of them than are ever open at once.

    A zip file that a friend lacks is named, what comes before it is brought, and the log does not rest for it.
    """
    by_rfc6962 = collected(settings, log, "rfc6962", tmp_path)
    mine = replace(settings, data_dir=tmp_path / "zips", archives=str(tmp_path), database_url=f"sqlite:///{tmp_path}/z")
    with open_pipeline(mine, log) as pipeline, closing_archives(pipeline):
        for shared in (pipeline.context.shared, pipeline.collector.shared):
            shared.archives.part_levels = 1
        written = write_archive(log, tmp_path / "zips", pipeline.server.log_url(log.name), levels=1)
        assert len(written) == 9
        archives.import_archive(pipeline.store, mine, [str(tmp_path / "zips")])
        has_files(pipeline, ALICE, log)
        pipeline.plan()
        away = written[2].rename(tmp_path / "2")
        (harvest, *_) = pipeline.collect(pipeline.feed())
        assert (harvest.span, harvest.fault_kind) == ((0, 512), "NotHere")
        assert "002.zip" in harvest.fault
        pipeline.record([harvest])
        assert pipeline.log(log.name).rest_until is None
        away.rename(written[2])
        pipeline.collector.shared.archives._looked_at = float("-inf")
        pipeline.expire_leases()
        pipeline.collect_all()
        assert pipeline.audit() == 1
        assert (stored(pipeline.store), leaves(tmp_path / "zips")) == by_rfc6962


@on_sqlite
def test_the_same_is_stored_from_an_archive_at_a_url(settings: Settings, log: LocalLog, tmp_path: Path) -> None:
    """The same once more when the zip file is at a url that leads on, and is read in parts."""
    with serve_files(tmp_path / "zips") as files:
        files.moved = {"/ct/demo/000.zip": "/000.zip"}

        def written(pipeline: Pipeline) -> str:
            write_archive(log, files.folder, pipeline.server.log_url(log.name))
            return f"{files.url}ct/demo"

        by_rfc6962 = collected(settings, log, "rfc6962", tmp_path)
        assert collected(settings, log, "archive", tmp_path, written) == by_rfc6962
        assert set(files.asked) == {"/ct/demo/000.zip", "/000.zip"}
        size = (files.folder / "000.zip").stat().st_size
        # Four times opened: to import it (twice), by the coordinator, by the worker.
        assert len(files.asked) <= 4 * (3 + -(-size // 2**20))


@on_sqlite
def test_tiles_are_asked_for_once(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """Each data tile is read once, only the one at the log's end as a partial one, and each issuer once."""
    pipeline = open_fleet(log, static=True)
    asked: Counter[str] = Counter()
    served = pipeline.server._http.get

    def get(path: str, client: str) -> Any:
        asked[path.partition("/static/")[2]] += 1
        return served(path, client)

    pipeline.server._http.get = get
    pipeline.plan()
    pipeline.collect_all()
    tiles = {path: times for path, times in asked.items() if path.startswith("tile/data/")}
    assert tiles == dict.fromkeys([f"tile/data/{n:03d}" for n in range(8)] + ["tile/data/008.p/252"], 1)
    issuers = {path: times for path, times in asked.items() if path.startswith("issuer/")}
    assert set(issuers.values()) == {1}
    assert pipeline.audit() == 1


@on_sqlite
def test_a_log_that_grows_drops_its_partial_tiles(open_fleet: OpenPipeline, log: LocalLog) -> None:
    """What was planned while a tile was partial is read and verified when only the whole one is there."""
    growing = published(log, 700)
    pipeline = open_fleet(growing, static=True)
    pipeline.plan()
    orders = pipeline.feed()
    growing.publish(1100)
    pipeline.record(pipeline.collect(orders))
    assert pipeline.states() == {"full": 1}
    assert pipeline.audit() == 1
    behind = pipeline.context.reader(pipeline.log(log.name))
    assert behind.audit_path(650, bytes(32), 700) == log.tree.audit_path(650, 700)
    assert behind.entries(690, 700).leaf_inputs == [entry.leaf_input for entry in log.entries[690:700]]
    pipeline.plan()
    pipeline.collect_all()
    assert pipeline.log(log.name).tree_size == pipeline.log(log.name).entries_done == 1100
    assert pipeline.audit() == 1
