"""``ctcollect logs import --archive``."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from ctcollect.local_log import LocalLog
from ctcollect.local_log.archive import write_archive
from ctcollect.local_log.log_list import chrome_v3
from tests.cli.conftest import Run
from tests.file_server import serve_files

URL = "https://demo.example.jp/log/"
LOG = LocalLog.generate("demo", 300, seed=5)


@pytest.fixture
def zip_path(tmp_path: Path) -> Path:
    (path,) = write_archive(LOG, tmp_path / "zips", URL)
    return path


def listed(run: Run) -> dict[str, object]:
    (log,) = [each for each in json.loads(run("logs", "list", "--json").out) if each["name"] == "demo"]
    return {name: log[name] for name in ("kind", "queue")}


@pytest.mark.parametrize("source", ["folder", "file", "url"])
def test_an_archive_is_imported(ready: Run, zip_path: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a folder, a zip file or a url; a second time as well, and a list changes nothing of how it is read."""
    monkeypatch.setenv("CTCOLLECT_ALLOW_LOCAL_LOGS", "1")
    with serve_files(zip_path.parent) as files:
        named = {"folder": str(zip_path.parent), "file": str(zip_path), "url": files.url}[source]
        for _ in range(2):
            result = ready("logs", "import", "--archive", named)
            assert (result.status, result.err) == (0, "")
            assert result.out == f"demo: queue archive, read from {named}\n"
            assert listed(ready) == {"kind": "archive", "queue": "archive"}
        with_url = zip_path.with_name("list.json")
        with_url.write_text(json.dumps(log_list()))
        assert ready("logs", "import", str(with_url), "--queue", "google").status == 0
        assert listed(ready) == {"kind": "archive", "queue": "archive"}


def log_list() -> dict[str, object]:
    return chrome_v3([LOG], lambda _: URL)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["log list", "--archive"]),
        (["--archive", "nowhere"], ["nowhere", "no archive"]),
        (["--archive", "https://127.0.0.1/x/"], ["127.0.0.1", "public"]),
        (["--archive", "file:///etc/"], ["address"]),
        (["--archive", "{cut}"], ["cut.zip", "not a zip file"]),
        (["--archive", "{unsigned}"], ["did not sign"]),
        (["--archive", "{nameless}"], ["log.v3.json"]),
    ],
)
def test_what_is_no_archive(ready: Run, zip_path: Path, arguments: list[str], words: list[str]) -> None:
    """One line that names what is wrong, status not 0, nothing imported."""
    before = ready("logs", "list").out
    folder = zip_path.parent
    bad = {name: folder / name / "000.zip" for name in ("unsigned", "nameless")} | {"cut": folder / "cut.zip"}
    for path in bad.values():
        path.parent.mkdir(exist_ok=True)
    bad["cut"].write_bytes(zip_path.read_bytes()[:5000])
    with (
        ZipFile(zip_path) as good,
        ZipFile(bad["unsigned"], "w") as unsigned,
        ZipFile(bad["nameless"], "w") as nameless,
    ):
        nameless.writestr("log.v3.json", b"[]")
        unsigned.writestr("log.v3.json", good.read("log.v3.json"))
        unsigned.writestr("checkpoint", good.read("checkpoint").replace(b"\n300\n", b"\n301\n"))
    result = ready("logs", "import", *(each.format(**bad) for each in arguments))
    assert result.status != 0
    assert all(word in result.err for word in words), result.err
    assert "Traceback" not in result.err
    assert ready("logs", "list").out == before
