"""Parameters of the pages: whatever is wrong with them is told in a sentence, and nothing breaks."""

from collections.abc import Iterator
from itertools import product

import pytest
from flask.testing import FlaskClient

from ctcollect.models import Base
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.webapp.reading_html import Page
from tests.webapp.test_openapi import HOSTILE
from tests.webapp.whole_collection import add_whole_collection
from webapp import create_app
from webapp.database import STORE

PAGES = {
    "/": {"period"},
    "/logs": {"queue", "state", "q", "sort"},
    "/logs/argon2024": {"period", "from", "to", "after"},
    "/friends": {"period"},
    "/friends/alice": set(),
    "/reports": set(),
    "/certificates": set(),
    "/certificates/1": set(),
    "/domains/example.jp": set(),
}
# The last ones are those by which the application's own functions call theirs.
NAMES = ["period", "queue", "state", "q", "sort", "from", "to", "after", "<b>", "x[]", "endpoint", "_scheme", "values"]
ANY_WORDS = "q"


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a collection with something of everything."""
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('pages')}/ct.sqlite"))
    store: Store = app.extensions[STORE]
    Base.metadata.create_all(store.engine)
    add_whole_collection(store, "argon2024", "alice")
    yield app.test_client()
    store.close()


@pytest.mark.parametrize("path", PAGES)
def test_no_parameter_breaks_a_page(asker: FlaskClient, path: str) -> None:
    """Wrong, huge, negative, unknown, SQL, HTML: 400 with a page that says what is wrong; never 500."""
    for name, value in product(NAMES, HOSTILE):
        answer = asker.get(path, query_string={name: value})
        assert answer.status_code in (200, 400), (name, value)
        is_wrong = name not in PAGES[path] or (value.strip() and name not in (ANY_WORDS, "after"))
        assert (answer.status_code == 400) or not is_wrong, (name, value)
        if answer.status_code == 400:
            assert "<script>" not in answer.text
            assert name in Page(answer.text).visible_text


@pytest.mark.parametrize("value", HOSTILE)
def test_no_name_breaks_a_page(asker: FlaskClient, value: str) -> None:
    """An unknown log, friend or report is 404, whatever its name."""
    for folder in ("logs", "friends", "reports"):
        answer = asker.get(f"/{folder}/{value.replace('%', '%25')}", follow_redirects=True)
        assert answer.status_code == (200 if value in ("", "../../etc/passwd") and answer.request.path == "/" else 404)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/logs?queue=none", "The parameter queue can’t be 'none': choose one of google, cloudflare"),
        ("/logs?sort=-none", "The parameter sort can’t be '-none': choose one of name, -name"),
        ("/logs?q=" + "x" * 101, "The parameter q is too long: write at most 100 signs."),
        ("/logs?state=a&state=b", "The parameter state is given more than once."),
        ("/logs?limit=1", "This page has no parameter 'limit'."),
        ("/friends?period=1h", "The parameter period can’t be '1h': choose one of 24h, 7d, all."),
        ("/logs/argon2024?after=-1", "The parameter after can’t be '-1': write a whole number, 0 or more."),
        ("/logs/argon2024?from=1", "Write both from and to, the first one smaller"),
        ("/logs/argon2024?from=2&to=1", "Write both from and to, the first one smaller"),
        ("/logs/argon2024?from=0&to=9223372036854775808", "The parameter to can’t be '9223372036854775808'"),
    ],
)
def test_what_is_wrong_is_said(asker: FlaskClient, address: str, sentence: str) -> None:
    """The sentence names the parameter, what was given and what to write."""
    answer = asker.get(address)
    assert answer.status_code == 400
    assert sentence in Page(answer.text).visible_text


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/certificates?domain=a b", "'a b' はドメイン名ではありません"),
        (
            "/certificates?limit=0",
            "パラメーター limit に '0' は指定できません。1 から 50 までの整数を指定してください。",
        ),
        ("/certificates?not_before_from=2024-02-30", "not_before_from の値 '2024-02-30' は正しくありません"),
        ("/certificates?not_after_from=2024-02-02&not_after_to=2024-02-01", "not_after_from (2024-02-02) が"),
        ("/certificates?match=near", "match の値 'near' は指定できません: below, exact, registered"),
        ("/certificates?next=x", "最初から検索し直してください"),
        ("/certificates?domain=co.jp&match=registered", "'co.jp' はパブリックサフィックスです"),
        (f"/certificates?issuer_o={'x' * 401}", "issuer_o が 401 文字あります"),
        ("/domains/a b", "'a b' はドメイン名ではありません"),
        ("/domains/example.jp?match=near", "パラメーター match に 'near' は指定できません"),
    ],
)
def test_what_is_wrong_is_said_in_the_language_of_the_page(asker: FlaskClient, address: str, sentence: str) -> None:
    """A search that can't be understood is told in Japanese to those who read Japanese."""
    answer = asker.get(address, headers={"Accept-Language": "ja"})
    assert answer.status_code == 400
    assert sentence in Page(answer.text).visible_text


def test_the_other_language_is_a_link_on_every_page(asker: FlaskClient) -> None:
    """It keeps what the page was asked for, also what is wrong with it."""
    for path in ("/logs?queue=google&sort=-done", "/logs?endpoint=1&_scheme=javascript", "/friends/alice"):
        links = Page(asker.get(path).text).links
        assert f"{path}{'&' if '?' in path else '?'}lang=ja" in links
