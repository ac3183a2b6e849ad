"""``logs update``: what a list would change, said before it is done; ``logs import`` beside it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.catalogue.lists import entry, log_list
from tests.cli.conftest import Result, Run
from tests.raw_server import RawServer, http_answer

READONLY = {"readonly": {"final_tree_head": {"tree_size": 9, "sha256_root_hash": entry()["log_id"]}}}
RETIRED = {"retired": {"timestamp": "2026-11-01T00:00:00Z"}}


@pytest.fixture
def put(tmp_path: Path) -> Any:
    """``put(entry, ...)`` writes a list and returns its path."""

    def put(*entries: dict[str, Any]) -> str:
        path = tmp_path / "list.json"
        path.write_text(log_list(*entries))
        return str(path)

    return put


def logs(run: Run) -> dict[str, dict[str, Any]]:
    return {log["name"]: log for log in json.loads(run("logs", "list", "--json").out)}


def test_nothing_is_changed_before_it_is_applied(ready: Run, put: Any) -> None:
    """New, changed and vanished logs are a line each; --apply does just that, after which nothing is left to do."""
    source = put(entry(1), entry(2), entry(3))
    shown = ready("logs", "update", "--source", source)
    assert "+ Log 1: usable, rfc6962, queue google, https://ct1.log.jp/log1/" in shown.out
    assert "3 new, 0 changed, 0 vanished, 0 the same; nothing is changed yet: --apply does it" in shown.out
    assert "Log 1" not in logs(ready)
    assert "; done" in ready("logs", "update", "--source", source, "--apply").out
    put(entry(1, state=RETIRED), entry(2, url="https://new.log.jp/"))
    for options in ([], ["--apply"]):
        lines = ready("logs", "update", "--source", source, *options).out.splitlines()
        assert lines[1:4] == [
            "~ Log 1: state usable -> retired; state_since 2024-09-30 -> 2026-11-01",
            "~ Log 2: url https://ct2.log.jp/log2/ -> https://new.log.jp/",
            "- Log 3: no longer in the list; what is known and collected of it stays",
        ]
    assert ready("logs", "update", "--source", source).out.splitlines()[-1] == "nothing to change"
    listed = logs(ready)
    assert (listed["Log 1"]["state"], listed["Log 1"]["derived_state"]) == ("retired", "expired")
    assert listed["Log 3"]["state"] == "usable"
    assert listed["Log 3"]["vanished_since"]
    assert listed["Log 1"]["vanished_since"] is None
    put(entry(1, state=RETIRED), entry(2, url="https://new.log.jp/"), entry(3))
    assert "~ Log 3: in the list again" in ready("logs", "update", "--source", source, "--apply").out
    assert logs(ready)["Log 3"]["vanished_since"] is None


def test_a_bad_log_is_set_aside_and_has_not_vanished(ready: Run, put: Any) -> None:
    """The others are taken; test logs are left to ``logs import``; private addresses are refused one by one."""
    source = put(entry(1), entry(2))
    ready("logs", "update", "--source", source, "--apply")
    bad_addresses = entry(4, url="https://10.0.0.1/"), entry(5, url="file:///etc/passwd")
    put(entry(3), entry(2, mmd="soon"), *bad_addresses, entry(6, key="eA=="), entry(7, state=None, log_type="test"))
    result = ready("logs", "update", "--source", source, "--apply")
    assert "- Log 1" in result.out
    assert "Log 2" not in result.out
    assert sorted(result.err.splitlines()) == [
        "set aside Log 2: mmd is not a whole number from 1 to 31622400",
        "set aside Log 4: https://10.0.0.1/ is not https on a public address: set CTCOLLECT_ALLOW_LOCAL_LOGS=1 "
        "if this is a log of yours",
        "set aside Log 5: url is not a plain http(s) address",
        "set aside Log 6: log_id is not SHA-256 of key",
        "set aside Log 7: the list gives it no state: 'ctcollect logs import' takes it if you want it",
    ]
    assert {"Log 1", "Log 2", "Log 3"} <= logs(ready).keys()
    assert not logs(ready).keys() & {"Log 4", "Log 5", "Log 6", "Log 7"}
    imported = ready("logs", "import", source)
    assert imported.status == 0
    assert "Log 7: queue google" in imported.out
    assert len(imported.err.splitlines()) == 4


def test_a_known_log_keeps_its_queue_and_its_final_head(ready: Run, put: Any) -> None:
    """An update moves no log to another queue unless one is named, and forgets no final tree head."""
    source = put(entry(1, state=READONLY))
    assert ready("logs", "import", source, "--queue", "digicert").status == 0
    put(entry(1, state=RETIRED))
    assert "queue" not in (ready("logs", "update", "--source", source, "--apply").out)
    listed = logs(ready)["Log 1"]
    assert (listed["queue"], listed["state"], listed["final_tree_size"]) == ("digicert", "retired", 9)
    assert "queue digicert -> google" in ready("logs", "update", "--source", source, "--queue", "google").out


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """Answers by path: a list, HTML, a redirect, lists that are cut, stalled, too large."""
    body = log_list(entry(1)).encode()
    answers = {
        "/log/list": http_answer(body),
        "/log/html": http_answer(b"<html>Welcome</html>"),
        "/log/moved": http_answer(b"", "301 Moved", "Location: /log/list"),
        "/log/stalled": [http_answer(body)[0], body[:-9]],
        "/log/cut": http_answer(body[:-9]),
        "/log/large": http_answer(b" " * (16 * 2**20 + 1)),
        "/log/gone": http_answer(b"", "404 Not Found"),
    }
    monkeypatch.setenv("CTCOLLECT_ALLOW_LOCAL_LOGS", "1")
    monkeypatch.setenv("CTCOLLECT_READ_TIMEOUT_SECONDS", "1")
    with RawServer(lambda path: answers[path]) as server:
        yield server


def test_a_list_is_fetched_with_our_name(ready: Run, server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """By one request that tells who asks and how to reach him."""
    monkeypatch.setenv("CTCOLLECT_CONTACT", "alice@log.jp")
    assert "1 new" in ready("logs", "update", "--source", server.url + "list").out
    (request,) = server.requests
    assert "User-Agent: ctcollect/" in request
    assert "alice@log.jp" in request


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("html", "not JSON: <html>Welcome"),
        ("moved", "answered 301"),
        ("stalled", "Read timed out"),
        ("cut", "not JSON"),
        ("large", "larger than 16777216 bytes"),
        ("gone", "answered 404"),
    ],
)
def test_what_is_no_list_is_told_in_a_line(ready: Run, server: RawServer, path: str, words: str) -> None:
    """HTML, a redirect, a list that is cut or too large: one line, and nothing is changed."""
    assert_refused(ready("logs", "update", "--source", server.url + path, "--apply"), words)
    assert len(logs(ready)) == 61


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("file:///etc/passwd", "file:///etc/passwd is not"),
        ("http://www.gstatic.com/list.json", "is not https"),
        ("https://192.168.1.1/list.json", "is not https on a public address"),
        ("chrom", "chrom can't be read"),
    ],
)
def test_a_source_that_must_not_be_read(ready: Run, source: str, words: str) -> None:
    """Only https on public addresses, and files that are there."""
    assert_refused(ready("logs", "update", "--source", source), words)


def assert_refused(result: Result, words: str) -> None:
    assert (result.status, result.out) == (1, "")
    assert result.err.count("\n") == 1
    assert words in result.err


def test_the_list_for_people(ready: Run, put: Any) -> None:
    """State, since when, what holds now, notes: the list's word and ours side by side."""
    table = ready("logs", "list").out
    assert "progress" in table
    (line,) = (line for line in table.splitlines() if line.split()[:1] == ["yeti2024"])
    assert line.split()[1:6] == ["digicert", "rfc6962", "rejected", "2025-02-01", "expired"]
    assert "vanished from the lists by 2026-08-21; available from nowhere" in line
