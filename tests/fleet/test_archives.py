"""One log, read by a real fleet as tiles and from an archive: the tables are those of a log that speaks RFC 6962."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ctcollect.local_log import LocalLog, LocalLogServer
from ctcollect.local_log.archive import write_archive
from ctcollect.settings import Settings
from tests.coordinator.pipeline import open_pipeline
from tests.coordinator.ways import leaves, stored
from tests.fleet.fleet import Fleet
from tests.services.processes import wait_until

NAME, ENTRIES = "three-ways", 3_000


@pytest.fixture(scope="module")
def log() -> LocalLog:
    return LocalLog.generate(NAME, ENTRIES, seed=21, jp_share=0.05, odd_share=0.02)


@pytest.fixture(scope="module")
def by_rfc6962(log: LocalLog, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What is stored, and what is in the leaf files, when the log is read by RFC 6962."""
    folder = tmp_path_factory.mktemp("rfc6962")
    settings = Settings(data_dir=folder, database_url=f"sqlite:///{folder}/ct.sqlite", allow_local_logs=True)
    with open_pipeline(settings, log) as pipeline:
        pipeline.plan()
        pipeline.collect_all()
        assert pipeline.audit() == 1
        return stored(pipeline.store), leaves(folder)


@pytest.fixture
def fleet(tmp_path: Path, broker_url: str) -> Iterator[Fleet]:
    """A database, and commands; nothing runs yet."""
    with Fleet(tmp_path, broker_url, f"sqlite:///{tmp_path}/ct.sqlite") as fleet:
        yield fleet


def all_that_is_stored(fleet: Fleet) -> Any:
    return stored(fleet.store), leaves(fleet.folder / "data")


def test_a_static_ct_log(fleet: Fleet, log: LocalLog, by_rfc6962: Any) -> None:
    """Tables and leaf files are equal row by row; the checkpoint, tiles and issuers are all that is asked for."""
    with LocalLogServer([log], static=True, gzip=True) as server:
        fleet.import_logs(server)
        fleet.start_coordinator()
        fleet.start_worker("alice", "google")
        fleet.plan(NAME)
        fleet.wait_for(NAME, "verified", ENTRIES)
        assert server.stats()["endpoints"].keys() == {"checkpoint", "data-tile", "issuer"}
    assert all_that_is_stored(fleet) == by_rfc6962


def test_an_archive(fleet: Fleet, log: LocalLog, by_rfc6962: Any) -> None:
    """A friend without it is told so, gets nothing and hands nothing back: the log waits for one who has the file.

    Her worker, whose queues nobody names, serves that of archives as well, and collects it without the log itself.
    """
    zips = fleet.folder / "archives" / NAME
    with LocalLogServer([log]) as server:
        fleet.import_logs(server)
        write_archive(log, zips, server.log_url(NAME))
    fleet.start_coordinator()
    fleet.start_worker("bob", "archive")
    fleet.command("logs", "import", "--archive", str(zips))
    fleet.command("plan", NAME, "--window", "full")
    wait_until(lambda: fleet.is_running("bob"), "bob is seen to run")
    assert fleet.log(NAME)["waiting_for"] == "a friend with 000.zip of its archive"
    assert fleet.log(NAME)["out"] == 0
    fleet.start_friend("alice", CTCOLLECT_ARCHIVES=str(zips.parent))
    fleet.wait_for(NAME, "verified", ENTRIES)
    assert fleet.log(NAME)["waiting_for"] is None
    assert all_that_is_stored(fleet) == by_rfc6962
    bob = fleet.parts["bob"].output()
    assert bob.count("CTCOLLECT_ARCHIVES names no folder with the zip files of a log") == 1
    assert "000.zip" not in bob
    assert [worker["entries"] for worker in fleet.workers()] == [ENTRIES, 0]
