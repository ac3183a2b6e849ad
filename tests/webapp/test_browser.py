"""The pages in a real Chromium: their script, their styles and the policy that binds them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, Response, abort, request
from playwright.sync_api import Browser, expect

from ctcollect.models import LogRow, WorkerRow
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.browser import visit
from tests.services.processes import ProcessGroup, free_port
from tests.services.programs import find_program
from tests.webapp.collection import add_log, add_small_collection, add_worker, log_id
from tests.webapp.conftest import served
from tests.webapp.reading_html import Page

ROOT = Path(__file__).parents[2]
HOSTILE = '<img src=x onerror=alert(1)>\u202e"'
FRESH_MS = 15_000


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """What a browser sees does not depend on the database: one is enough."""
    return Settings(database_url=sqlite_url)


def after_the_page(app: Flask, change: Callable[[], None]) -> None:
    """Let ``change`` happen once the first page is written and before its script asks for a fresh one."""
    left = [change]

    @app.after_request
    def go_on(response: Response) -> Response:
        if request.path == "/" and left:
            left.pop()()
        return response


def test_gunicorn_serves_a_page_that_chromium_accepts(
    store: Store, settings: Settings, processes: ProcessGroup, browser: Browser
) -> None:
    """What the contract starts, `gunicorn 'webapp:create_app()'`, shows the figures without a word of complaint."""
    add_small_collection(store)
    host = f"127.0.0.1:{free_port()}"
    command: list[str | Path] = [find_program("gunicorn"), "--bind", host, "webapp:create_app()"]
    process = processes.start(command, {"CTCOLLECT_DATABASE_URL": settings.database_url}, ROOT)
    process.wait_for_line("Booting worker")
    with visit(browser, f"http://{host}/") as seen:
        page = Page(seen.page.content())
    assert (seen.complaints, seen.strangers) == ([], [])
    assert page.values("totals")["Entries done"] == "2,500,000"


def test_fresh_figures_replace_the_old_ones(store: Store, app: Flask, browser: Browser) -> None:
    """Within seconds the open page says what the server would now write anew, and what is focused stays so."""
    add_small_collection(store)

    def change() -> None:
        with store.transaction() as session:
            session.get_one(LogRow, log_id("argon2024")).entries_done = 2_999_999
            session.delete(session.get_one(WorkerRow, "bob@osaka"))
        add_log(store, HOSTILE, wanted=64, reachable=False, last_fault=HOSTILE)
        add_worker(store, f"{HOSTILE}@osaka", HOSTILE, entries=64)

    after_the_page(app, change)
    with served(app) as address, visit(browser, address) as seen:
        expect(seen.page).to_have_title("99.9 % – ctcollect", timeout=FRESH_MS)
        shown, written = Page(seen.page.content()), Page(app.test_client().get("/").text)
        assert seen.page.locator("main img").count() == 0
    assert (shown.rows("logs"), shown.bars) == (written.rows("logs"), written.bars)
    assert shown.rows("workers") == written.rows("workers")
    assert shown.values("totals") == written.values("totals")


def test_figures_that_are_old_say_so_and_come_back(store: Store, app: Flask, browser: Browser) -> None:
    """While the server fails the last figures stay, with a note; with the first good answer it goes away by itself."""
    add_small_collection(store)
    is_failing: list[bool] = []

    @app.before_request
    def fail() -> None:
        if request.path == "/" and is_failing:
            abort(503)

    with served(app) as address, visit(browser, address) as seen:
        is_failing.append(True)
        note = seen.page.locator("#stale")
        expect(note).to_have_text("No fresh figures since then; trying again.", timeout=FRESH_MS)
        assert Page(seen.page.content()).values("totals")["Entries done"] == "2,500,000"
        is_failing.clear()
        expect(note).to_have_text("", timeout=FRESH_MS)


def test_an_empty_page_fills_by_itself(store: Store, app: Flask, browser: Browser) -> None:
    """The advice gives way to the figures as soon as something is planned, without a reload."""
    after_the_page(app, lambda: add_small_collection(store))
    with served(app) as address, visit(browser, address) as seen:
        expect(seen.page.locator("#totals")).to_be_visible(timeout=FRESH_MS)
        assert "Nothing is planned yet" not in Page(seen.page.content()).visible_text
