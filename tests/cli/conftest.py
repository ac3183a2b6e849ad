"""The command line, run in this process, on a collection of a small local log."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ctcollect.catalogue import CHROME, bundled
from ctcollect.cli import main
from ctcollect.coordinator.context import context
from ctcollect.local_log import LocalLog
from ctcollect.store import Store
from ctcollect.store.listings import put_bundled
from tests.coordinator.pipeline import Pipeline, migrate, open_pipeline, settings_in

NAME = "collected"
ENTRIES = 1_500


class Result(NamedTuple):
    """How a command has ended and what it wrote."""

    status: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Run]:
    """``run("status", "--json")`` is what the shell's ``ctcollect status --json`` does, on a database not yet there."""
    monkeypatch.setenv("CTCOLLECT_DATABASE_URL", f"sqlite:///{tmp_path}/new.sqlite")
    monkeypatch.setenv("CTCOLLECT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("CTCOLLECT_ALLOW_LOCAL_LOGS", raising=False)

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["ctcollect", *arguments])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
        return Result(status, *capsys.readouterr())

    yield run
    if context.cache_info().currsize:
        context().store.close()
        context.cache_clear()


@pytest.fixture(scope="package")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``db upgrade`` makes."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('upgraded')}/ct.sqlite")
    migrate(store)
    with store.transaction() as session:
        put_bundled(session, CHROME, bundled())
    store.close()
    return Path(str(store.url.database))


@pytest.fixture
def ready(run: Run, upgraded: Path, tmp_path: Path) -> Run:
    """``run`` on a database that knows the bundled logs."""
    shutil.copy(upgraded, tmp_path / "new.sqlite")
    return run


@pytest.fixture(scope="package")
def log() -> LocalLog:
    return LocalLog.generate(NAME, ENTRIES, seed=9, operator="DigiCert", jp_share=0.1)


@pytest.fixture(scope="package")
def collection(tmp_path_factory: pytest.TempPathFactory, log: LocalLog) -> Iterator[Pipeline]:
    """The log, served, collected by alice and verified."""
    folder = tmp_path_factory.mktemp("collection")
    with open_pipeline(settings_in(folder), log) as pipeline:
        pipeline.plan()
        pipeline.collect_all()
        pipeline.audit()
        yield pipeline


@pytest.fixture
def collected(run: Run, collection: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run`` on the collection; what a test changes stays changed for the tests behind it."""
    monkeypatch.setenv("CTCOLLECT_DATABASE_URL", collection.context.settings.database_url)
    monkeypatch.setenv("CTCOLLECT_ALLOW_LOCAL_LOGS", "1")
    return run
