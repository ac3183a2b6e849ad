"""Every page in a real Chromium, in every state: nothing to complain of, on a phone and a desk, by day and by night."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import pytest
from flask import Flask
from playwright.sync_api import Browser

from ctcollect.models import Base
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.browser import DESK, OF_LOOKS, PHONE, Visit, visit
from tests.services.processes import wait_until
from tests.webapp.conftest import served
from tests.webapp.whole_collection import add_report, add_whole_collection
from webapp import create_app
from webapp.database import STORE
from webapp.listeners import listeners_of

LISTENERS = 100
LOG, FRIEND = "argon2024", "alice"
# Tags, signs that turn the text around, words that no line can break.
EVIL_LOG = f'<script>alert("1")</script>\u202e//gpj.{"x" * 120}'
EVIL_FRIEND = f"<img src=x onerror=alert(2)>\u202e{'長' * 20}"
EVIL_WORDS = f"</title><script>alert(3)</script>\u2066{'y' * 150}"

CELL = "from=0&to=131072"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WITH_NAMES = ("/", "/logs", "/logs/{log}?" + CELL, "/friends", "/friends/{friend}", "/reports")
# A page of another part of the project joins by a line here.
PAGES = {
    "filled": (
        *WITH_NAMES,
        "/logs?queue=google&sort=-done",
        "/logs/{log}?period=1h&after=3000",
        "/reports/a/",
        "/none",
    ),
    "evil": WITH_NAMES,
    "empty": ("/", "/logs", "/friends", "/reports", "/logs?state=paused&q=nothing"),
    "stopped": ("/", "/logs", "/logs/{log}", "/friends"),
}
CASES = [(state, path) for state, paths in PAGES.items() for path in paths]
# Chromium's own word for a page that came with another status than 200.
OWN_STATUS = "Failed to load resource: the server responded with a status of "


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Where the application is served, by the state that its collection is in."""
    with ExitStack() as stack:
        yield {state: stack.enter_context(served(_site(tmp_path_factory.mktemp(state), state))) for state in PAGES}


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Visit]:
    """One for all pages: each new one costs Chromium a process."""
    with visit(browser, "about:blank") as seen:
        yield seen


def _site(folder: Path, state: str) -> Flask:
    settings = Settings(database_url=f"sqlite:///{folder}/ct.sqlite", data_dir=folder, flower_password="word")
    app = create_app(settings)
    store: Store = app.extensions[STORE]
    Base.metadata.create_all(store.engine)
    listeners_of(app).open(LISTENERS)
    if state == "evil":
        add_whole_collection(store, EVIL_LOG, EVIL_FRIEND, EVIL_WORDS)
        add_report(folder, "a", EVIL_WORDS, "2026-11-20T00:00:00+00:00", [f"{'z' * 150}.csv"])
    elif state != "empty":
        add_whole_collection(store, LOG, FRIEND)
        add_report(folder, "a", "Renewals", "2026-11-20T00:00:00+00:00")
        add_report(folder, "b", "Renewals", "2026-11-22T00:00:00+00:00")
    if state == "stopped":
        _stop(app, folder / "ct.sqlite")
    return app


def _stop(app: Flask, database: Path) -> None:
    """Take the database away, after somebody has looked, and wait until the figures in memory are old."""
    client = app.test_client()
    assert client.get("/").status_code == 200
    app.extensions[STORE].close()
    for file in database.parent.glob("ct.sqlite*"):
        file.unlink()
    database.mkdir()
    wait_until(lambda: client.get("/").status_code == 503, "the end of the figures")


@pytest.mark.parametrize(("state", "path"), CASES, ids=lambda value: value)
def test_a_page_is_in_order(sites: dict[str, str], window: Visit, state: str, path: str) -> None:
    """No message, no request to another host, no wider than the screen, nothing that axe has against it."""
    log, friend = (EVIL_LOG, EVIL_FRIEND) if state == "evil" else (LOG, FRIEND)
    address = sites[state] + path.format(log=quote(log), friend=quote(friend))
    window.go(address)
    found = window.violations()
    widths = []
    for size in (DESK, PHONE):
        for scheme in SCHEMES:
            window.page.set_viewport_size(size)  # type: ignore[arg-type]
            window.page.emulate_media(color_scheme=scheme)
            widths.append(window.too_wide())
    found += window.violations(OF_LOOKS)
    says_503 = "The database does not answer" in window.page.content()
    expected = OWN_STATUS if state == "stopped" or path == "/none" else None
    assert [each for each in window.complaints if expected is None or not each.startswith(expected)] == []
    assert (window.strangers, widths, found) == ([], [0] * 4, [])
    assert says_503 == (state == "stopped")


def test_last_figures_stay_on_show(sites: dict[str, str], browser: Browser) -> None:
    """While the database is away the page tells what was known last and since when."""
    with visit(browser, f"{sites['stopped']}/logs") as seen:
        words = seen.page.inner_text("main")
    assert "The last figures: 50.0 % done, 33.3 % verified" in words
    assert "As of 20" in words


def test_a_cell_of_the_map_is_reached_by_keyboard(sites: dict[str, str], browser: Browser) -> None:
    """Tab comes from cell to cell, Enter lists the cell's ranges, and one link leads past them all."""
    with visit(browser, f"{sites['filled']}/logs/{LOG}") as seen:
        seen.page.focus(".skip-map")
        seen.page.keyboard.press("Tab")
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url("**/logs/argon2024?from=0&to=131072#ranges")
        assert "0 – 131,072" in seen.page.inner_text("#ranges")
        seen.page.focus(".skip-map")
        seen.page.keyboard.press("Enter")
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.closest('.map')") is None
