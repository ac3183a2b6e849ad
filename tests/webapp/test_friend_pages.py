"""The leaderboard and the page of a friend, as the server writes them."""

import re

import pytest
from flask.testing import FlaskClient

from ctcollect.models import CreditTotalRow, WorkerRow
from ctcollect.public_text import public_line
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.webapp.collection import SEEN_AT, add_log, add_worker
from tests.webapp.reading_html import Page
from tests.webapp.whole_collection import add_whole_collection
from webapp import create_app

HOSTILE = "<script>\u202e\"'/x"


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """What a page says does not depend on the database: one is enough. Flower is shown."""
    return Settings(database_url=sqlite_url, flower_password="word")


@pytest.fixture
def whole(store: Store, client: FlaskClient) -> FlaskClient:
    """A client of a collection that alice, with two workers, has brought; bob has come and brought nothing yet."""
    add_whole_collection(store, "argon2024", "alice")
    add_worker(store, "bob@kyoto", "argon2024", entries=0)
    return client


def test_the_board_tells_who_has_brought_what(whole: FlaskClient) -> None:
    """Rank, whether somebody runs, credit, days, rates in all and by queue, last seen, version, spool, and Flower's
    pages of the workers, those that run first."""
    page = Page(whole.get("/friends").text)
    alice, bob = page.rows("friends")
    assert alice[:6] == ["1", "alice", "running", "1,310,720", "321", "3"]
    assert alice[6] == "8,000.0google 8,000.0"
    assert alice[8:] == ["2024-02-01 00:00", "1.4.0", "4247 kB", "tokyoosaka"]
    assert bob[:6] == ["–", "bob", "running", "0", "0", "0"]
    assert {"/friends/alice", "/friends?period=24h", "/friends?period=7d"} <= set(page.links)
    assert [link for link in page.links if "/flower/" in link] == [
        "/flower/worker/alice@tokyo", "/flower/worker/alice@osaka", "/flower/worker/bob@kyoto"
    ]  # fmt: skip


@pytest.mark.parametrize(("period", "days"), [("24h", "1"), ("7d", "1"), ("all", "3")])
def test_the_board_is_of_a_period(whole: FlaskClient, period: str, days: str) -> None:
    """What was brought in the last day, the last week, or ever; and since when is counted."""
    page = Page(whole.get(f"/friends?period={period}").text)
    assert page.rows("friends")[0][3:6] == ["1,310,720", "321", days]
    assert ("Counted since 20" in page.visible_text) == (period != "all")


def test_credit_stays_when_nobody_remembers_the_worker(store: Store, client: FlaskClient) -> None:
    """A friend of whom no worker is known stands on the board with the credit, and has a page."""
    with store.transaction() as session:
        session.add(CreditTotalRow(friend="carol", entries=5000, certificates=7, days=2))
    (row,) = Page(client.get("/friends").text).rows("friends")
    assert row == ["1", "carol", "not running", "5,000", "7", "2", "–", "–", "–", "–", "–", "–"]
    assert "No worker of this friend is known any more." in client.get("/friends/carol").text


def test_a_friend_has_a_page_to_share(whole: FlaskClient) -> None:
    """Title, description and address for whoever shows a preview of it."""
    html = whole.get("/friends/alice?fbclid=x").text
    meta = dict(re.findall(r'<meta (?:property|name)="([\w:]+)" content="(.*?)">', html))
    told = "alice: 1,310,720 entries of Certificate Transparency logs verified, 321 .jp certificates"
    assert (meta["og:title"], meta["og:description"], meta["description"]) == ("alice – ctcollect", told, told)
    assert meta["og:url"] == "http://localhost/friends/alice"
    assert Page(html).title == "alice – ctcollect"


def test_the_page_of_a_friend_shows_the_history(whole: FlaskClient) -> None:
    """Standings by period, days as bars, credit by log, each worker with its lanes and spool."""
    html = whole.get("/friends/alice").text
    page = Page(html)
    standings = page.values("standings")
    assert standings["Rank, 24 hours"] == "11,310,720 entries, 1 d"
    assert standings["Rank, all time"] == "11,310,720 entries, 3 d"
    assert re.search(r"<title>\d\d-\d\d, Entries verified: 1,310,720</title>", html)
    assert page.rows("logs") == [["argon2024", "1,310,720", "321"]]
    assert page.rows("workers")[-1] == ["google", "5,000.0", "0.0", "–", "3 / 4", "2.5", "12 s"]
    assert "123 kB, room for 1.0 GB" in page.visible_text
    assert "More of it is checked by others" in page.visible_text


def test_each_worker_leads_to_flower_where_it_is_shown(whole: FlaskClient, settings: Settings) -> None:
    """With a password there is a link for each worker; without one, none."""
    assert "/flower/worker/alice@tokyo" in Page(whole.get("/friends/alice").text).links
    hidden = create_app(Settings(database_url=settings.database_url)).test_client()
    assert "flower" not in hidden.get("/friends/alice").text.lower()


def test_what_a_friend_would_not_show_is_not_shown(store: Store, client: FlaskClient) -> None:
    """Faults of logs that a friend's machine told come without its address, proxy and folders."""
    add_log(store, "argon2024", wanted=32, last_fault=public_line("proxy http://u:secret@203.0.113.7:3128 in /home/u"))
    add_worker(store, "alice@tokyo", "argon2024", entries=1)
    for path in ("/", "/logs", "/logs/argon2024", "/friends", "/friends/alice"):
        assert not re.search("203\\.0\\.113|secret|/home", client.get(path).text)


def test_a_name_that_others_chose_is_only_text(store: Store, client: FlaskClient) -> None:
    """Tags are escaped, signs that turn text written out; the link leads to the page all the same."""
    add_log(store, "argon2024")
    add_worker(store, f"{HOSTILE}@{HOSTILE}", "argon2024", entries=32)
    (link,) = [each for each in Page(client.get("/friends").text).links if each.startswith("/friends/")]
    html = client.get(link).text
    assert "<h1><bdi>&lt;script&gt;\\u{202e}&#34;&#39;/x</bdi></h1>" in html
    assert "\u202e" not in html


def test_nobody_yet_and_nobody_of_this_name(store: Store, client: FlaskClient) -> None:
    """An empty board says how to stand on it; an unknown friend is a 404 with a sentence."""
    assert "ctcollect worker --friend NAME" in Page(client.get("/friends").text).visible_text
    answer = client.get("/friends/nobody")
    assert answer.status_code == 404
    assert "There is no friend of this name." in answer.text


def test_trust_that_is_lost_is_told_calmly(store: Store, client: FlaskClient) -> None:
    """What it means and whom to ask, without a word of blame."""
    add_log(store, "argon2024")
    with store.transaction() as session:
        row = {"name": "eve@x", "friend": "eve", "host": "x", "running": False, "trust": "untrusted"}
        session.add(WorkerRow(**row, first_seen=SEEN_AT, last_seen=SEEN_AT))
    assert "please ask the coordinator" in client.get("/friends/eve").text
