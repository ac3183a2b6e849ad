"""The page for people as the server writes it, without JavaScript."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from ctcollect.models import Base
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.services.mariadb import MariadbServer
from tests.webapp.reading_html import Page
from tests.webapp.whole_collection import add_whole_collection
from webapp import create_app
from webapp.database import STORE

PATHS = ["/", "/logs", "/logs/argon2024?from=0&to=131072", "/friends", "/friends/alice", "/reports"]


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """What a page says does not depend on the database: one is enough."""
    return Settings(database_url=sqlite_url)


@pytest.fixture(scope="module", params=["sqlite", "mysql"])
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Of a collection with something of everything, on each kind of database."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('filled')}/ct.sqlite"
        else:
            server: MariadbServer = request.getfixturevalue("mariadb_server")
            server.start()
            url = server.create_database("filled")
            stack.callback(server.drop_database, "filled")
        app = create_app(Settings(database_url=url))
        store: Store = app.extensions[STORE]
        stack.callback(store.close)
        Base.metadata.create_all(store.engine)
        add_whole_collection(store, "argon2024", "alice")
        yield app.test_client()


@pytest.mark.parametrize("path", PATHS)
def test_every_page_answers_from_either_database(reader: FlaskClient, path: str) -> None:
    """What the pages ask is understood by both kinds of database."""
    answer = reader.get(path)
    assert answer.status_code == 200
    Page(answer.text)


def test_the_lists_lead_to_the_pages_of_logs_and_friends(store: Store, client: FlaskClient) -> None:
    """A find leads to its log and its friend, whoever runs to their page."""
    add_whole_collection(store, "argon2024", "alice")
    assert {"/logs/argon2024", "/friends/alice"} <= set(Page(client.get("/").text).links)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_one_for_screen_readers(store: Store, client: FlaskClient, path: str) -> None:
    """Landmarks, one first heading, a scope for each heading of a column or row, the language."""
    add_whole_collection(store, "argon2024", "alice")
    html = client.get(path).text
    assert all(html.count(f"<{tag}") == 1 for tag in ("main ", "footer>", "h1", 'header class="top"'))
    assert set(re.findall(r"<th ([a-z]+)=", html)) <= {"scope"}
    assert '<html lang="en">' in html


def test_many_who_look_cost_one_question(store: Store, client: FlaskClient) -> None:
    """While the figures are fresh no page asks the database for them again."""
    add_whole_collection(store, "argon2024", "alice")
    asked: list[str] = []
    event.listen(
        client.application.extensions[STORE].engine, "before_cursor_execute", lambda *words: asked.append(words[2])
    )
    for path in PATHS:
        client.get(path)
    first = len(asked)
    for path in PATHS * 3:
        client.get(path)
    assert first > 0
    # The status document alone is as old as a second.
    assert len(asked) <= first * 2
