"""The table of logs and the page of one, as the server writes them, without JavaScript."""

import re
import time
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from ctcollect.models import VERIFIED, LogRow, RangeRow
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.services.processes import wait_until
from tests.webapp.collection import SEEN_AT, add_log, add_small_collection
from tests.webapp.reading_html import Page
from tests.webapp.whole_collection import add_whole_collection
from webapp.charts import level_chart, map_cells
from webapp.figures import FRESH_SECONDS

HOSTILE = '<script>alert(1)</script> "&\u202egpj.\u200b'
SHOWN = '<script>alert(1)</script> "&\\u{202e}gpj.\\u{200b}'
CELL = 131_072


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """What a page says does not depend on the database: one is enough."""
    return Settings(database_url=sqlite_url)


@pytest.fixture
def whole(store: Store, client: FlaskClient) -> FlaskClient:
    """A client of a collection with something of everything: the log argon2024, the friend alice."""
    add_whole_collection(store, "argon2024", "alice")
    return client


def names(client: FlaskClient, query: str) -> list[str]:
    return [row[0] for row in Page(client.get(f"/logs{query}").text).rows("logs")]


def test_the_table_shows_each_log(store: Store, client: FlaskClient) -> None:
    """What is planned comes first; shares are rounded down, a dash stands for what does not apply."""
    add_small_collection(store)
    with store.transaction() as session:
        for log in session.query(LogRow):
            log.reachable_since = SEEN_AT
    page = Page(client.get("/logs").text)
    argon, xenon, idle = page.rows("logs")
    assert argon[:3] == ["argon2024", "waitingreachable since 2024-02-01", "50.0 %"]
    assert argon[3:] == ["3,000,0000 – 3,000,000", "5,000.0", "nobody is reading", "12,345", "1.56 %", "7", "google"]
    assert (xenon[1][:8], xenon[5]) == ("verified", "done")
    assert idle == [
        "idle2022",
        "not plannedreachable since 2024-02-01",
        "–",
        "–",
        "0.0",
        "–",
        "0",
        "–",
        "0",
        "digicert",
    ]
    assert page.bars[0] == "argon2024: 34.9 % verified, 50.0 % done"
    assert "/logs/argon2024" in page.links


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?queue=digicert", ["idle2022"]),
        ("?state=verified", ["xenon2023"]),
        ("?state=waiting&queue=google", ["argon2024"]),
        ("?q=+ARGON", ["argon2024"]),
        ("?q=local", ["argon2024", "xenon2023", "idle2022"]),
        ("?q=%25", []),
        ("?queue=&state=&q=", ["argon2024", "xenon2023", "idle2022"]),
        ("?sort=name", ["argon2024", "idle2022", "xenon2023"]),
        ("?sort=-name", ["xenon2023", "idle2022", "argon2024"]),
        ("?sort=done", ["argon2024", "xenon2023", "idle2022"]),
        ("?sort=-done", ["xenon2023", "argon2024", "idle2022"]),
        ("?sort=-wanted&queue=google", ["argon2024", "xenon2023"]),
        ("?sort=-rate", ["argon2024", "xenon2023", "idle2022"]),
        ("?utm_source=x&fbclid=y", ["argon2024", "xenon2023", "idle2022"]),
    ],
)
def test_the_table_is_filtered_and_sorted(store: Store, client: FlaskClient, query: str, shown: list[str]) -> None:
    """By the parameters of the address; what has no value stands last either way."""
    add_small_collection(store)
    assert names(client, query) == shown


def test_headings_sort_and_keep_the_filter(store: Store, client: FlaskClient) -> None:
    """A column that sorts already leads to the other direction and says so; a filter stays chosen in its form."""
    add_small_collection(store)
    html = client.get("/logs?queue=google&sort=-done").text
    links = Page(html).links
    assert "/logs?queue=google&sort=done" in links
    assert "/logs?queue=google&sort=-malformed" in links
    assert '<th scope="col" class="wide" aria-sort="descending">' in html
    assert '<option value="google" selected>' in html
    assert '<input type="hidden" name="sort" value="-done">' in html


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
    """A log to which several states apply is shown, and found, with the one that explains why nothing is done."""
    add_log(store, "argon2024", wanted=64, **columns)
    (row,) = Page(client.get(f"/logs?state={quote(word)}").text).rows("logs")
    assert row[1].startswith(word)


def test_a_log_that_can_not_be_had_has_no_number_of_certificates(store: Store, client: FlaskClient) -> None:
    """A dash, not 0, stands for what nobody can count, in the table and on the log's own page."""
    add_log(store, "yeti2024", reachable=False, unobtainable_since=SEEN_AT)
    (row,) = Page(client.get("/logs").text).rows("logs")
    assert (row[1], row[6]) == ("unobtainable", "–")
    assert Page(client.get("/logs/yeti2024").text).values("figures")[".jp certificates"] == "–"


def test_without_logs_the_page_names_the_commands(store: Store, client: FlaskClient) -> None:
    """An empty table is a sentence that says what brings logs."""
    assert "ctcollect logs import FILE" in Page(client.get("/logs").text).visible_text


def test_a_filter_that_lets_nothing_through_says_so(store: Store, client: FlaskClient) -> None:
    """And leads back to all of them."""
    add_log(store, "argon2024")
    assert "No log is like that." in Page(client.get("/logs?q=xenon").text).visible_text


def test_the_page_of_a_log_shows_its_figures(whole: FlaskClient) -> None:
    """Figures, heads, days, faults, unreadable entries and the way to the API."""
    page = Page(whole.get("/logs/argon2024").text)
    figures = page.values("figures")
    assert (figures["Entries wanted"], figures["Entries done"]) == ("3,932,160", "1,966,080")
    assert (figures["Entries in the log"], figures["Entries out"]) == ("5,242,880", "5,120")
    assert (figures["Malformed"], figures["Sightings"]) == ("12", "2,345")
    assert "0 – 3,932,160" in page.visible_text
    assert [row[1:3] for row in page.rows("faults")] == [["no answer", "3"]]
    assert "/api/v1/logs/argon2024" in page.links


def test_the_map_has_a_cell_for_each_block(whole: FlaskClient) -> None:
    """A cell leads to its ranges, says its span, states, who and when, and is filled in proportion."""
    html = whole.get("/logs/argon2024").text
    cells = re.findall(r'<li><a href="\?from=(\d+)&amp;to=(\d+)#ranges">', html)
    assert cells == [(str(number * CELL), str((number + 1) * CELL)) for number in range(40)]
    titles = re.findall(r"<title>(.*?)</title>", html[html.index('class="map"') :], re.DOTALL)
    assert re.match(r"0 – 131,072: verified 1, alice, 20\d\d-\d\d-\d\d \d\d:\d\d$", titles[0])
    assert titles[12].startswith("1,572,864 – 1,703,936: to be verified 1, alice")
    assert titles[16] == "2,097,152 – 2,228,224: out 1, –"
    assert titles[25].endswith(": to do 1, –")
    assert titles[39].endswith(": not planned 1, –")
    assert html.count('<rect class="verified" y="0.0" width="1" height="1.0"/>') == 10


def test_the_map_is_kept_until_a_counter_moves(
    whole: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept is drawn in each language; a range that is verified shows as soon as the log has counted it."""
    monkeypatch.setattr("webapp.pages.log.FRESH_SECONDS", 0.0)
    is_last = RangeRow.start_index == 10 * CELL

    def title(language: str = "en") -> str:
        html = whole.get(f"/logs/argon2024?lang={language}").text
        return re.findall(r"<title>(.*?)</title>", html[html.index('class="map"') :], re.DOTALL)[10].partition(": ")[2]

    assert title().startswith("to be verified 1, alice")
    assert title("ja").startswith("検証待ち 1, alice")
    with store.transaction() as session:
        session.execute(update(RangeRow).where(is_last).values(state=VERIFIED))
    time.sleep(FRESH_SECONDS)
    assert title().startswith("to be verified 1, alice")
    with store.transaction() as session:
        session.execute(update(LogRow).where(LogRow.name == "argon2024").values(entries_verified=11 * CELL))
    wait_until(lambda: title().startswith("verified 1, alice"), "the verified range")
    wait_until(lambda: title("ja").startswith("検証済み 1, alice"), "the verified range in Japanese")


def test_a_block_of_several_ranges_is_filled_in_proportion() -> None:
    """The finished part stands at the bottom; what nobody wants is left free."""
    block = {"start": 0, "end": 8, "verified": 2, "full": 1, "out": 0, "open": 4, "unwanted": 1}
    (cell,) = map_cells([block | {"friend": "alice", "last_at": None}])
    assert [(layer.state, layer.y, layer.height) for layer in cell.layers] == [
        ("verified", 0.75, 0.25),
        ("full", 0.625, 0.125),
        ("open", 0.125, 0.5),
    ]


def test_a_cell_lists_its_ranges(whole: FlaskClient) -> None:
    """Span, state, how much, who and when; the cell is marked, and long lists go on by their keys."""
    html = whole.get(f"/logs/argon2024?from={14 * CELL}&to={16 * CELL}").text
    full, out = Page(html).rows("ranges")
    assert full[:4] == ["1,835,008 – 1,966,080", "to be verified", "100.0 %", "alice 131,072"]
    assert out[:4] == ["1,966,080 – 2,097,152", "out", "0.0 %", "–"]
    assert 'aria-current="true"' in whole.get(f"/logs/argon2024?from=0&to={CELL}").text.split('class="map"')[1]
    nothing = whole.get(f"/logs/argon2024?from={35 * CELL}&to={36 * CELL}").text
    assert "Nothing is wanted of these entries." in nothing


def test_unreadable_entries_are_paged_by_key(whole: FlaskClient) -> None:
    """Each page begins behind the last entry of the one before; nothing is shown twice or left out."""
    first = Page(whole.get("/logs/argon2024").text)
    assert [row[0] for row in first.rows("malformed")] == [f"{index * 1000:,}" for index in range(10)]
    (following,) = [link for link in first.links if "after=" in link]
    second = Page(whole.get(following).text)
    assert [row[0] for row in second.rows("malformed")] == ["10,000", "11,000"]
    assert "/logs/argon2024#malformed" in second.links


def test_heads_stand_on_an_axis_of_their_own() -> None:
    """A level that is far from 0 and grows little fills the chart, between round figures."""
    chart = level_chart([0, 86_400], [2_790_000_000, 2_801_000_000])
    assert [tick.label for tick in chart.y_ticks] == ["2.79G", "2.795G", "2.8G", "2.805G"]
    assert chart.lines == ["44,138 632,42.67"]
    assert not level_chart([0], [5]).is_empty
    assert level_chart([], []).is_empty


def test_a_name_that_others_chose_is_only_text(store: Store, client: FlaskClient) -> None:
    """Tags are escaped, signs that turn or hide text written out, in the table and on the page it leads to."""
    add_whole_collection(store, HOSTILE, "bob")
    (link,) = [each for each in Page(client.get("/logs").text).links if each.startswith("/logs/%3Cscript")]
    for path in ("/logs", link):
        html = client.get(path).text
        assert SHOWN in Page(html).visible_text
        assert "<script>alert" not in html
        assert not re.search("[\u200b\u202e]", html)


def test_an_unknown_log_is_not_found(store: Store, client: FlaskClient) -> None:
    """404 with a sentence."""
    answer = client.get("/logs/none")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "There is no log of this name." in answer.text
