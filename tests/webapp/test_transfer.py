"""How the API's answers travel: who may read them, caching, compression, and what one process computes for all."""

import gzip
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from ctcollect.errors import StoreUnavailable
from ctcollect.models import LogRow
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.services.processes import wait_until
from tests.webapp.collection import add_small_collection, log_id
from webapp import figures
from webapp.database import STORE

LOGS = "/api/v1/logs"


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """How answers travel does not depend on the database: one is enough."""
    return Settings(database_url=sqlite_url)


def test_an_answer_that_is_known_is_not_sent_again(store: Store, client: FlaskClient) -> None:
    """The ETag is strong and of the content: 304 without a body as long as nothing changes, then a new one."""
    add_small_collection(store)
    path = "/api/v1/logs/xenon2023"
    first = client.get(path)
    tag = first.headers["ETag"]
    assert not tag.startswith("W/")
    again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "public, max-age=1"
    with store.transaction() as session:
        session.get_one(LogRow, log_id("xenon2023")).malformed = 1
    # A second, or somewhat longer where the database takes its time: nobody waits for a newer answer then.
    changed = wait_until(lambda: changed_answer(client, path, tag), "another answer")
    assert (changed.status_code, changed.get_json()["malformed"]) == (200, 1)
    assert changed.headers["ETag"] != tag


def changed_answer(client: FlaskClient, path: str, tag: str) -> TestResponse | None:
    """What ``path`` answers to who knows ``tag``, once that is not the answer any more."""
    answer = client.get(path, headers={"If-None-Match": tag})
    return None if answer.status_code == 304 else answer


def test_large_answers_are_compressed_for_who_takes_it(store: Store, client: FlaskClient) -> None:
    """The same content, another ETag; caches are told that there are two. Small answers and those who refuse: plain."""
    add_small_collection(store)
    plain = client.get(LOGS)
    packed = client.get(LOGS, headers={"Accept-Encoding": "br, gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert plain.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]
    tag = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert client.get(LOGS, headers=tag).status_code == 304
    for path, accepted in (("/api/v1/totals", "gzip"), (LOGS, "gzip;q=0"), (LOGS, "identity")):
        assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": accepted}).headers


@pytest.mark.parametrize("path", ["/api/v1/status", "/api/v1/daily.csv", "/api/v1/certificates?domain=example.jp"])
def test_head_is_get_without_the_body(store: Store, client: FlaskClient, path: str) -> None:
    """Same status, same headers."""
    add_small_collection(store)
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    changing = ("Date", "ETag")
    assert [each for each in head.headers if each[0] not in changing] == [
        each for each in got.headers if each[0] not in changing
    ]


@pytest.mark.parametrize("path", [LOGS, "/api/v1/none", "/api/v1/daily?limit=x", "/api/v1/daily.csv"])
def test_pages_of_other_sites_may_read(store: Store, client: FlaskClient, path: str) -> None:
    """Every answer below /api/, faults too, is for every origin, without cookies; what is not is not."""
    answer = client.get(path, headers={"Origin": "https://example.org"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert "Access-Control-Allow-Origin" not in client.get("/").headers


def test_a_browser_may_ask_beforehand(store: Store, client: FlaskClient) -> None:
    """A preflight is told what is allowed: reading, and the headers that spare transfers."""
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    answer = client.options(LOGS, headers=asked | {"Access-Control-Request-Headers": "if-none-match"})
    assert (answer.status_code, answer.data) == (200, b"")
    assert set(answer.headers["Access-Control-Allow-Methods"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]


def test_all_who_ask_share_one_computation_a_second(store: Store, app: Flask) -> None:
    """Sixty requests by eight threads for five parts of the status document ask the database once."""
    add_small_collection(store)
    reads: list[str] = []
    engine = app.extensions[STORE].engine
    event.listen(engine, "before_cursor_execute", lambda *values: reads.append(values[2]))
    paths = ["status", "totals", "logs", "workers", "friends"] * 12
    begun = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda path: app.test_client().get(f"/api/v1/{path}").status_code, paths))
    seconds = time.monotonic() - begun
    assert set(answers) == {200}
    computed = sum("FROM workers" in statement for statement in reads)
    assert 1 <= computed <= 1 + seconds / figures.FRESH_SECONDS


def test_files_made_while_figures_are_computed_stand_in_nobodys_way(app: Flask, store: Store) -> None:
    """Several at once, the first that anybody asks for: making a file waits for figures, which need a thread too."""
    add_small_collection(store)
    answers: list[int] = []

    def ask(name: str) -> None:
        answers.append(app.test_client().get(f"/api/v1/{name}.csv").status_code)

    asking = [threading.Thread(target=ask, args=[name], daemon=True) for name in ("logs", "friends", "workers") * 3]
    for each in asking:
        each.start()
    wait_until(lambda: len(answers) == len(asking), "all files")
    assert set(answers) == {200}


def test_a_database_that_goes_and_comes_back(
    store: Store, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 that says when there were figures last, kept by no cache; as soon as it is back, so are the figures."""
    add_small_collection(store)
    as_of = client.get("/api/v1/status").get_json()["as_of"]
    time.sleep(figures.FRESH_SECONDS)

    def away(_session: Session) -> dict[str, Any]:
        raise StoreUnavailable("the server has gone away")

    with monkeypatch.context() as patch:
        patch.setattr(figures, "status_document", away)
        wait_until(lambda: client.get("/api/v1/status").status_code == 503, "it is noticed")
        answer = client.get("/api/v1/status")
        assert (answer.status_code, answer.get_json()["as_of"]) == (503, as_of)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
    assert client.get("/api/v1/status").status_code == 200
