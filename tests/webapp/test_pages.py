"""The page for people as the server writes it, without JavaScript."""

import re

import pytest
from flask.testing import FlaskClient

from ctcollect.store import Store
from tests.webapp.collection import SEEN_AT, add_log, add_small_collection, add_worker
from tests.webapp.reading_html import Page

HOSTILE = '<script>alert(1)</script> "&\u202egpj.\u200b'
SHOWN = '<script>alert(1)</script> "&\\u{202e}gpj.\\u{200b}'


def test_the_page_shows_the_collection(store: Store, client: FlaskClient) -> None:
    """Totals, each planned log and each worker, with separators, shares rounded down and times of Tokyo."""
    add_small_collection(store)
    page = Page(client.get("/").text)
    totals = page.values("totals")
    assert totals["Entries wanted"] == "4,000,000"
    assert totals[".jp certificates"] == "11,111"
    assert totals["Entries done"] == "2,500,000"
    assert totals["Malformed"] == "7"
    assert totals["Logs without a window"] == "1"
    assert page.title == "62.5 % – ctcollect"
    argon = ["argon2024", "google", "waiting", "50.0 %", "1,500,000", "3,000,000", "12,345", "5,000.0", "5 min 0 s"]
    xenon = ["xenon2023", "google", "verified", "100.0 %", "1,000,000", "1,000,000", "0", "1,234.0", "done"]
    assert page.rows("logs") == [argon, xenon]
    assert page.rows("workers") == [
        ["alice", "alice@tokyo", "running", "2024-02-01 00:00:01", "5,000", "500", "5,000.0"],
        ["bob", "bob@osaka", "not running", "2024-02-01 00:00:01", "1,234", "123", "1,234.0"],
    ]


def test_times_tell_utc_when_pointed_at(store: Store, client: FlaskClient) -> None:
    """A time is one to programs too."""
    add_small_collection(store)
    time = '<time datetime="2024-01-31T15:00:01+00:00" title="2024-01-31 15:00:01 UTC">2024-02-01 00:00:01</time>'
    assert time in client.get("/").text


def test_bars_say_what_they_show(store: Store, client: FlaskClient) -> None:
    """In all and for each log one picture, with its shares in words for who does not see it."""
    add_small_collection(store)
    assert Page(client.get("/").text).bars == [
        "All entries wanted: 51.2 % verified, 62.5 % done",
        "argon2024: 34.9 % verified, 50.0 % done",
        "xenon2023: 100.0 % verified, 100.0 % done",
    ]


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
    """Tags are escaped and signs that turn or hide text are written out, for logs, faults and workers."""
    add_log(store, HOSTILE, wanted=32, last_fault=HOSTILE)
    add_worker(store, f"{HOSTILE}@{HOSTILE}", HOSTILE, entries=32)
    html = client.get("/").text
    page = Page(html)
    assert "<script>alert" not in html
    assert not re.search("[\u200b\u202e]", html)
    assert page.rows("logs")[0][:3] == [SHOWN, "google", f"resting{SHOWN}"]
    assert page.rows("workers")[0][:2] == [SHOWN, f"{SHOWN}@{SHOWN}"]


@pytest.mark.parametrize(
    ("word", "columns"),
    [
        ("switched off", {"enabled": False, "paused": True}),
        ("paused", {"paused": True, "reachable": False}),
        ("verified", {"entries_done": 64, "entries_verified": 64, "reachable": False}),
        ("unobtainable", {"reachable": False, "unobtainable_since": SEEN_AT, "last_fault": "refused"}),
        ("not reachable", {"entries_done": 64, "reachable": False, "last_fault": "refused"}),
        ("resting", {"last_fault": "429"}),
        ("to be verified", {"entries_done": 64}),
        ("waiting", {"reachable": None}),
    ],
)
def test_the_state_that_matters_most(store: Store, client: FlaskClient, word: str, columns: dict[str, object]) -> None:
    """A log to which several states apply is shown with the one that explains why nothing is done."""
    add_log(store, "argon2024", wanted=64, **columns)
    assert Page(client.get("/").text).rows("logs")[0][2].startswith(word)


def test_a_log_that_can_not_be_had_is_shown_and_has_no_number_of_certificates(
    store: Store, client: FlaskClient
) -> None:
    """Though nothing of it is planned it stands on the page; a dash, not 0, stands for what nobody can count."""
    add_log(store, "yeti2024", reachable=False, unobtainable_since=SEEN_AT)
    page = Page(client.get("/").text)
    (row,) = page.rows("logs")
    assert (row[0], row[2][:12], row[-3]) == ("yeti2024", "unobtainable", "–")
    assert "Nothing is planned yet" in page.visible_text
    (listed,) = client.get("/api/v1/status").get_json()["logs"]
    assert (listed["certificates"], listed["sightings"], listed["unobtainable"]) == (None, None, True)


def test_the_page_is_one_for_screen_readers(store: Store, client: FlaskClient) -> None:
    """Landmarks, one first heading, a name for each table, a scope for each heading of a column or row."""
    add_small_collection(store)
    html = client.get("/").text
    assert all(html.count(f"<{tag}") == 1 for tag in ("main ", "footer>", "h1 ", 'header class="top"'))
    assert re.findall(r"<table ([\w-]+)", html) == ["aria-labelledby"] * 2
    assert set(re.findall(r"<th ([a-z]+)=", html)) == {"scope"}
    assert '<html lang="en">' in html
