"""The overview as the server writes it, without JavaScript."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from ctcollect.models import DailyCountRow
from ctcollect.settings import Settings
from ctcollect.store import Store
from ctcollect.store.attention_rules import RULES
from ctcollect.store.engine import tokyo_day, utc_now
from ctcollect.store.gauges import Gauge, put_gauges, waiting_in
from tests.webapp.collection import (
    SEEN_AT,
    add_certificate,
    add_day,
    add_log,
    add_small_collection,
    add_worker,
)
from tests.webapp.reading_html import Page
from tests.webapp.whole_collection import add_whole_collection
from webapp import create_app
from webapp.attention import sentence

HOSTILE = '<script>alert(1)</script> "&\u202egpj.\u200b'
SHOWN = '<script>alert(1)</script> "&\\u{202e}gpj.\\u{200b}'


def test_the_page_shows_the_collection(store: Store, client: FlaskClient) -> None:
    """Where all entries are, with separators and shares rounded down; who runs."""
    add_small_collection(store)
    add_log(store, "yeti2024", wanted=500_000, entries_done=100_000, reachable=False, unobtainable_since=SEEN_AT)
    page = Page(client.get("/").text)
    totals = page.values("totals")
    assert page.title == "57.7 % – ctcollect"
    parts = {name: totals[f"Entries {name}"] for name in ("wanted", "done", "verified", "out", "to do", "unobtainable")}
    assert parts == {
        "wanted": "4,500,000", "done": "2,600,000", "verified": "2,048,576", "out": "0", "to do": "1,500,000",
        "unobtainable": "400,000",
    }  # fmt: skip
    assert (totals[".jp certificates"], totals["Malformed"]) == ("11,111in 23,456 sightings", "7")
    assert totals["Workers running"] == "1of 1 friend"
    assert "alice@tokyo" in page.visible_text
    assert "bob@osaka" not in page.visible_text
    assert "yeti2024 can’t be had any more: 400,000 entries are missing." in page.visible_text


def test_how_fast_it_goes_now(store: Store, client: FlaskClient) -> None:
    """New certificates in a second by the last samples, of which the page's period changes nothing."""
    add_whole_collection(store, "argon2024", "alice")
    for address in ("/", "/?period=30d"):
        assert Page(client.get(address).text).values("totals")["New .jp certificates/s"] == "0.017in the last minutes"


def test_the_queue_of_archives_is_shown_to_who_has_some(store: Store, settings: Settings) -> None:
    """The operators' queues always, that one as soon as something waits in it or somebody serves it."""
    shown = []
    for waiting in (0, 1):
        with store.transaction() as session:
            put_gauges(session, {waiting_in("archive"): Gauge(waiting)})
        # Another application: one does not ask the database twice in a second.
        page = Page(create_app(settings).test_client().get("/").text)
        shown.append([row[0] for row in page.rows("queues")])
    assert shown == [["google", "cloudflare", "digicert", "trustasia"], [*shown[0], "archive"]]


def test_times_tell_utc_when_pointed_at(store: Store, client: FlaskClient) -> None:
    """A time is one to programs too."""
    add_log(store, "argon2024", wanted=64)
    add_certificate(store, 3, "www.example.jp", "argon2024")
    time = '<time datetime="2024-01-31T15:00:01+00:00" title="2024-01-31 15:00:01 UTC">2024-02-01 00:00</time>'
    assert time in client.get("/").text


def test_the_bar_says_what_it_shows(store: Store, client: FlaskClient) -> None:
    """In words for who does not see it."""
    add_small_collection(store)
    assert Page(client.get("/").text).bars == ["All entries wanted: 51.2 % verified, 62.5 % done"]


def test_the_latest_finds_come_first(store: Store, client: FlaskClient) -> None:
    """Twelve of them, each with its name, log and friend."""
    add_log(store, "argon2024", wanted=64)
    for number in range(1, 15):
        add_certificate(store, number, f"www.example{number}.jp", "argon2024")
    html = client.get("/").text
    shown = re.findall(r"www\.example(\d+)\.jp", html)
    assert list(dict.fromkeys(shown)) == [str(number) for number in range(14, 2, -1)]
    assert "argon2024 · alice ·" in Page(html).visible_text


def test_days_by_log_are_drawn_and_the_smallest_together(store: Store, client: FlaskClient) -> None:
    """The seven logs with most have a colour each, all others one; pointing at a part tells its figure."""
    for number in range(9):
        add_day(store, tokyo_day(utc_now()), f"log{number}", 10, 10, registered=1000 - number)
    html = client.get("/").text
    assert re.findall(r'<li class="series-\d"><bdi>([^<]+)', html) == [f"log{n}" for n in range(7)] + ["all others"]
    assert "log0: 1,000</title>" in html
    assert "all others: 1,985</title>" in html


def test_a_day_long_ago_is_not_drawn(store: Store, client: FlaskClient) -> None:
    """An empty chart says so in words."""
    add_day(store, date(2024, 2, 1), "argon2024", 10, 10, 10)
    assert "Nothing was found in this time." in client.get("/").text


def test_an_empty_collection_says_what_to_do_next(store: Store, client: FlaskClient) -> None:
    """Without a window the page names the command for it, without a worker that for a friend."""
    add_log(store, "idle2022")
    page = Page(client.get("/").text)
    assert "Nothing is planned yet" in page.visible_text
    assert "ctcollect plan NAME --window full" in page.visible_text
    assert "ctcollect worker --friend NAME" in page.visible_text
    assert "Entries wanted" not in page.visible_text
    assert page.title == "Nothing planned – ctcollect"


def test_names_that_others_chose_are_only_text(store: Store, client: FlaskClient) -> None:
    """Tags are escaped and signs that turn or hide text are written out, for logs, faults, workers and finds."""
    add_log(store, HOSTILE, wanted=32, reachable=False, last_fault=HOSTILE)
    add_worker(store, f"{HOSTILE}@{HOSTILE}", HOSTILE, entries=32)
    with store.transaction() as session:
        row = {"day": tokyo_day(utc_now()), "log_name": HOSTILE, "entries": 1, "uploaded": 1, "registered": 1}
        session.add(DailyCountRow(**row))
    html = client.get("/").text
    assert "<script>alert" not in html
    assert not re.search("[\u200b\u202e]", html)
    assert f"{SHOWN} does not answer ({SHOWN}): 32 entries wait." in Page(html).visible_text


PARAMETERS = {
    "log": "argon2024", "fault": "no answer", "left": 1_000, "times": 2, "last_at": "2024-01-01T00:00:00+00:00",
    "friend": "alice", "worker": "alice@host", "false_deliveries": 3, "harvests": 4_000, "bytes": 10**12,
    "used_bytes": 9 * 10**11, "ahead_seconds": -90, "queue": "google", "part": "disk",
}  # fmt: skip


@pytest.mark.parametrize("code", RULES)
def test_every_matter_has_a_sentence(code: str) -> None:
    """A whole one, without a place that is left open."""
    words = sentence(code, PARAMETERS)
    assert words.endswith(".")
    assert "%(" not in words


def test_the_page_is_one_for_screen_readers(store: Store, client: FlaskClient) -> None:
    """Landmarks, one first heading, a name for each table, a scope for each heading of a column or row."""
    add_small_collection(store)
    html = client.get("/").text
    assert all(html.count(f"<{tag}") == 1 for tag in ("main ", "footer>", "h1 ", 'header class="top"'))
    assert set(re.findall(r"<table ([\w-]+)", html)) == {"aria-labelledby"}
    assert set(re.findall(r"<th ([a-z]+)=", html)) == {"scope"}
    assert '<html lang="en">' in html
