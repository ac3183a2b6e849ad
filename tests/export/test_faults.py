"""An export that can't be finished leaves nothing that looks like one, and says why in a line."""

import gc
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired

import pytest

from ctcollect.errors import ConfigurationError, DiskUnavailable, StoreUnavailable
from ctcollect.export import FORMATS, Progress, export, read_manifest
from ctcollect.settings import child_environment
from ctcollect.store import Store, schema
from tests.cli.conftest import Run, run  # noqa: F401
from tests.export.rows import add_certificate, add_everything
from tests.services.processes import wait_until


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("table", ["sightings", "certificates", "ranges"])
def test_an_export_that_ends_early(sqlite_store: Store, tmp_path: Path, file_format: str, table: str) -> None:
    """Wherever it is interrupted: neither the folder nor a half one is there, and the next export works.

    The caller's Python looks for cycles again as often as before.
    """
    of_python = gc.get_threshold()

    def interrupt(progress: Progress) -> None:
        if progress.table == table:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(sqlite_store, tmp_path / "out", file_format, interrupt)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("out")] == []
    assert gc.get_threshold() == of_python
    export(sqlite_store, tmp_path / "out", file_format)


def test_ctrl_c(mysql_url: str, tmp_path: Path) -> None:
    """The command waits for the database, is interrupted, says so in a line and leaves nothing."""
    store = Store(mysql_url)
    schema.upgrade(store)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("LOCK TABLES certificates WRITE")
        process = start_export(store, tmp_path / "out")
        wait_until(lambda: (tmp_path / "out.partial" / "sightings").is_dir(), "the first table")
        assert not (tmp_path / "out").exists()
        out, err = interrupt(process)
        connection.exec_driver_sql("UNLOCK TABLES")
    store.close()
    assert (process.returncode, out, err.strip()) == (130, "", "ctcollect: stopped")
    assert list(tmp_path.glob("out*")) == []


def interrupt(process: Popen[str]) -> tuple[str, str]:
    """Its last words after Ctrl+C. Python drops one that comes while it finalizes an object: a second one is heard."""
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=15)
    except TimeoutExpired:
        process.send_signal(signal.SIGINT)
        return process.communicate(timeout=30)


def start_export(store: Store, directory: Path) -> Popen[str]:
    command = [sys.executable, "-m", "ctcollect", "export", "--format", "parquet", "--out", str(directory)]
    environment = child_environment({"CTCOLLECT_DATABASE_URL": store.url.render_as_string(hide_password=False)})
    return Popen(command, env=environment, stdout=PIPE, stderr=PIPE, text=True)


def test_a_row_that_the_database_cannot_give(mysql_url: str, tmp_path: Path) -> None:
    """A row that is longer than max_allowed_packet, lowered since it was written: told in a line, nothing is left."""
    store = Store(mysql_url)
    schema.upgrade(store)
    with store.transaction() as session:
        add_everything(session)
        add_certificate(session, 50, subject_dn="x" * 100_000)
    told = "a row of the table certificates is too long for max_allowed_packet"
    with lower_packet_limit(store, 65_536), pytest.raises(StoreUnavailable, match=told):
        export(store, tmp_path / "out")
    assert list(tmp_path.glob("out*")) == []
    export(store, tmp_path / "out")
    store.close()


@contextmanager
def lower_packet_limit(store: Store, octets: int) -> Iterator[None]:
    """For new connections, of which the store has nothing else."""
    with store.engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT @@GLOBAL.max_allowed_packet").scalar()
        connection.exec_driver_sql(f"SET GLOBAL max_allowed_packet = {octets}")
    store.close()
    try:
        yield
    finally:
        with store.engine.connect() as connection:
            connection.exec_driver_sql(f"SET GLOBAL max_allowed_packet = {before}")
        store.close()


@contextmanager
def small_disk() -> Iterator[None]:
    """No file of this process may grow beyond a few octets."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_disk_that_takes_no_more(sqlite_store: Store, tmp_path: Path, file_format: str) -> None:
    """Told in a line with the folder and the reason; nothing is left that takes room."""
    with small_disk(), pytest.raises(DiskUnavailable, match=rf"{tmp_path}/out can't be written: File too large; noth"):
        export(sqlite_store, tmp_path / "out", file_format)
    assert list(tmp_path.glob("out*")) == []


def test_a_folder_that_is_taken(sqlite_store: Store, tmp_path: Path) -> None:
    """One that holds something, a file, and one that another export is writing are refused and left as they are."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    (tmp_path / "file").touch()
    (tmp_path / "other.partial").mkdir()
    for name in ("full", "file", "other"):
        with pytest.raises(ConfigurationError, match=name):
            export(sqlite_store, tmp_path / name)
    assert (tmp_path / "full" / "mine").exists()
    assert (tmp_path / "other.partial").is_dir()
    (tmp_path / "empty").mkdir()
    export(sqlite_store, tmp_path / "empty")


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"manifest_version": 2}', '{"manifest_version": 1}', "null", '{"manifest_version": 1, '
    '"ctcollect_version": "1", "format": "csv", "started_at": "2026-01-01", "finished_at": "2026-01-01", '
    '"verified_until": null, "tables": {}, "files": [{"path": "../x", "bytes": 1, "sha256": ""}]}'],
)  # fmt: skip
def test_a_manifest_that_is_none(tmp_path: Path, content: str) -> None:
    """Of another version, cut off, of another kind, with files outside of the export: one line, no more."""
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(ConfigurationError, match="no manifest of this version"):
        read_manifest(tmp_path)


def test_the_command(run: Run, sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """It exports and checks; what does not fit together, and what has changed, is told."""
    out = str(tmp_path / "out")
    monkeypatch.setenv("CTCOLLECT_DATABASE_URL", sqlite_store.url.render_as_string())
    result = run("export", "--format", "csv", "--out", out)
    assert (result.status, result.err) == (0, "")
    assert out in result.out
    assert run("export", "--check", out).status == 0
    (tmp_path / "out" / "load.sh").unlink()
    changed = run("export", "--check", out)
    assert (changed.status, "load.sh" in changed.out) == (1, True)
    for wrong in (["--format", "csv"], ["--out", out], ["--check", out, "--out", out], []):
        assert run("export", *wrong).status == 2


def test_without_the_extra() -> None:
    """Who has installed no more than a worker needs is told in a line what to install."""
    program = "import sys; sys.modules['pyarrow'] = None; from ctcollect.cli import main; main()"
    answer = subprocess.run(
        [sys.executable, "-c", program, "export", "--check", "x"], capture_output=True, text=True, check=False
    )
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == "ctcollect: this needs pyarrow: pip install 'ctcollect[analysis]'\n"
