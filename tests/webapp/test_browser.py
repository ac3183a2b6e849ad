"""The page in a real Chromium: its script, its styles and the policy that binds them."""

import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, abort, request
from werkzeug.serving import make_server

from ctcollect.models import LogRow, WorkerRow
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.services.processes import ProcessGroup, free_port
from tests.services.programs import find_program
from tests.webapp.browser import visit
from tests.webapp.collection import add_log, add_small_collection, add_worker, log_id
from tests.webapp.reading_html import Page
from webapp.formats import FORMATS, shown

ROOT = Path(__file__).parents[2]
HOSTILE = '<img src=x onerror=alert(1)>\u202e"'


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """What a browser sees does not depend on the database: one is enough."""
    return Settings(database_url=sqlite_url)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address at which a real server serves ``app``."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def after_the_page(app: Flask, change: Callable[[], None]) -> None:
    """Let ``change`` happen once the page is written and before its script asks for fresh figures."""

    @app.after_request
    def go_on(response: Response) -> Response:
        if request.path == "/":
            change()
        return response


def with_script(app: Flask, script: str) -> None:
    """Add a script of the test's own to the page, from this site as its policy demands."""

    @app.get("/test.js")
    def source() -> Response:
        return Response(script, mimetype="text/javascript")

    @app.after_request
    def add_script(response: Response) -> Response:
        if request.path == "/":
            html = response.get_data(as_text=True)
            response.set_data(html.replace("</head>", '<script src="/test.js" defer></script></head>'))
        return response


def test_gunicorn_serves_a_page_that_chromium_accepts(
    store: Store, settings: Settings, processes: ProcessGroup, tmp_path: Path
) -> None:
    """What the contract starts, `gunicorn 'webapp:create_app()'`, shows the figures without a word of complaint."""
    add_small_collection(store)
    address = f"127.0.0.1:{free_port()}"
    command: list[str | Path] = [find_program("gunicorn"), "--bind", address, "webapp:create_app()"]
    process = processes.start(command, {"CTCOLLECT_DATABASE_URL": settings.database_url}, ROOT)
    process.wait_for_line("Booting worker")
    answer = visit(f"http://{address}/", tmp_path / "profile", page_seconds=1)
    assert answer.console == []
    page = Page(answer.html)
    assert page.values("summary")["done"] == "2,500,000"
    assert [row[0] for row in page.rows("logs")] == ["argon2024", "xenon2023"]


def test_fresh_figures_replace_the_old_ones(store: Store, app: Flask, tmp_path: Path) -> None:
    """After two seconds the open page says, field by field, what the server would now write anew."""
    add_small_collection(store)

    def change() -> None:
        with store.transaction() as session:
            session.get_one(LogRow, log_id("argon2024")).entries_done = 2_999_999
            session.delete(session.get_one(WorkerRow, "bob@osaka"))
        add_log(store, HOSTILE, wanted=64, reachable=False, last_fault=HOSTILE)
        add_worker(store, f"{HOSTILE}@osaka", HOSTILE, entries=64)

    client = app.test_client()
    after_the_page(app, once(change))
    with served(app) as address:
        answer = visit(address, tmp_path / "profile", page_seconds=3)
    assert answer.console == []
    seen, expected = Page(answer.html), Page(client.get("/").text)
    assert seen.rows("logs") == expected.rows("logs")
    assert seen.rows("workers") == expected.rows("workers")
    assert seen.progress == expected.progress
    assert seen.values("summary") | {"as_of": ""} == expected.values("summary") | {"as_of": ""}
    assert seen.title == expected.title == "99.9 % – ctcollect"
    assert "<img" not in answer.html


def once(change: Callable[[], None]) -> Callable[[], None]:
    """``change``, which does nothing from the second call on."""
    left = [change]
    return lambda: left.pop()() if left else None


def test_an_empty_page_fills_by_itself(store: Store, app: Flask, tmp_path: Path) -> None:
    """The advice gives way to the figures as soon as something is planned, without a reload."""
    after_the_page(app, once(lambda: add_small_collection(store)))
    with served(app) as address:
        answer = visit(address, tmp_path / "profile", page_seconds=3)
    page = Page(answer.html)
    assert "Nothing is planned yet" not in page.visible_text
    assert "No worker has been seen yet" not in page.visible_text
    assert page.values("summary")["wanted"] == "4,000,000"
    assert len(page.rows("logs")) == len(page.rows("workers")) == 2


def test_figures_that_are_old_say_so(store: Store, app: Flask, tmp_path: Path) -> None:
    """When the database goes away the last figures stay, with a note that they are not fresh."""
    add_small_collection(store)
    after_the_page(app, lambda: LogRow.metadata.drop_all(store.engine))
    with served(app) as address:
        answer = visit(address, tmp_path / "profile", page_seconds=3)
    page = Page(answer.html)
    assert "No fresh figures since then; trying again." in page.visible_text
    assert page.values("summary")["done"] == "2,500,000"


def test_the_page_recovers_by_itself(store: Store, app: Flask, tmp_path: Path) -> None:
    """After an answer that failed the next one brings fresh figures and takes the note away."""
    failures = [503]

    @app.before_request
    def fail_once() -> None:
        if request.path == "/api/v1/status" and failures:
            abort(failures.pop())

    after_the_page(app, once(lambda: add_small_collection(store)))
    with served(app) as address:
        answer = visit(address, tmp_path / "profile", page_seconds=5)
    page = Page(answer.html)
    assert failures == []
    assert "trying again" not in page.visible_text
    assert page.values("summary")["done"] == "2,500,000"


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_is_never_wider_than_the_screen(store: Store, app: Flask, tmp_path: Path, width: int) -> None:
    """Long names and faults wrap; nobody has to scroll sideways."""
    add_log(store, "log-with-a-long-name-" * 8, wanted=2**33, entries_done=2**33 - 1, last_fault="x" * 255)
    add_worker(store, "friend@" + "a-host-with-a-long-name." * 6, "log-with-a-long-name-" * 8, entries=10**6)
    # Chromium opens no window below 500 pixels: what is narrower is a page that may not fill it.
    script = f"document.documentElement.style.width = '{width}px';"
    script += """
        const seen = [...document.querySelectorAll("body, body *:not(thead *)")];
        document.title = Math.ceil(Math.max(...seen.map((each) => each.getBoundingClientRect().right)));"""
    with_script(app, script)
    with served(app) as address:
        answer = visit(address, tmp_path / "profile", page_seconds=1, width=max(width, 500))
    assert 0.8 * width < int(Page(answer.html).title) <= width


def test_the_script_writes_figures_as_the_server_does(store: Store, app: Flask, tmp_path: Path) -> None:
    """Each format of formats.py gives the same text as its namesake in dashboard.js, at every limit and between."""
    records = list(sample_records(random.Random(2024)))
    cases = [(record, name, form) for record in records for name, form in FORMS.items()]
    script = f"const RECORDS = {json.dumps(records)}, FORMS = {json.dumps(FORMS)};"
    script += """
        document.title = JSON.stringify(RECORDS.flatMap((record) =>
          Object.entries(FORMS).map(([name, form]) => FORMATS[form](record[name], record))));"""
    with_script(app, script)
    with served(app) as address:
        answer = visit(address, tmp_path / "profile", page_seconds=1)
    texts = json.loads(Page(answer.html).title)
    different = [(case, text) for case, text in zip(cases, texts, strict=True) if shown(*case) != text]
    assert different == []
    assert set(FORMS.values()) == set(FORMATS)


# A field for each format.
FORMS = {
    "done": "share", "wanted": "count", "entries_per_second": "rate", "eta_seconds": "duration", "fault": "text",
    "last_seen": "moment", "running": "presence", "reachable": "condition", "certificates": "count",
}  # fmt: skip
SECONDS = [None, 0.0, 0.1, 0.9, 1.0, 59.9, 60.0, 3599.9, 3600.0, 86399.9, 86400.0, 86400.0 * 1234]
SIGNS = ["", "a b", "\u202e", "\u00a0", "\t\n", "\U000e0001", "日本", "עברית", "<&>", "\u2028", "😀", "\x7f"]


def sample_records(chance: random.Random) -> Iterator[dict[str, Any]]:
    """Records with every field that a format looks at, each value a limit or a draw."""
    for _ in range(400):
        wanted = chance.choice([0, 1, 3, 1000, 999_999, chance.randrange(2**33)])
        done = chance.choice([0, wanted, max(wanted - 1, 0), chance.randint(0, wanted)])
        yield {
            "wanted": wanted,
            "done": done,
            "verified": chance.choice([0, done]),
            "out": chance.choice([0, 1024]),
            "enabled": chance.random() < 0.9,
            "paused": chance.random() < 0.1,
            "reachable": chance.choice([None, False, True]),
            "unobtainable": chance.random() < 0.2,
            "certificates": chance.choice([None, 0, done]),
            "running": chance.choice([False, True]),
            "fault": chance.choice([None, "".join(chance.choices(SIGNS, k=4))]),
            "entries_per_second": chance.choice([0.0, 0.1, 999.9, 1000.0, chance.randrange(10**8) / 10]),
            "eta_seconds": chance.choice([*SECONDS, chance.randrange(10**7) / 10]),
            "last_seen": f"2024-{chance.randint(1, 12):02}-28T{chance.randrange(24):02}:59:59+00:00",
        }
