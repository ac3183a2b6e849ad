"""What the web answers when something is wrong, and the headers of every answer."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ctcollect.errors import ConfigurationError
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.coordinator.conftest import on_sqlite
from tests.services.processes import free_port
from webapp import create_app
from webapp.security import HEADERS

JSON_ROUTES = [
    "/api/v1/status",
    "/api/v1/logs/argon2024",
    "/api/v1/workers",
    "/api/v1/daily",
    "/api/v1/daily.csv",
    "/healthz",
]
JSON_ROUTES += ["/api/v1/certificates?domain=example.jp"]


@pytest.fixture
def dead_client() -> FlaskClient:
    """A client of an application whose database is gone, under an address with a password."""
    url = f"mysql+pymysql://root:secret-word@127.0.0.1:{free_port()}/ct"
    return create_app(Settings(database_url=url)).test_client()


@pytest.mark.parametrize("path", JSON_ROUTES)
def test_programs_are_told_that_the_database_is_gone(
    dead_client: FlaskClient, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """503 with one line of JSON and a time to come back; no password, neither there nor in the log."""
    answer = dead_client.get(path)
    assert (answer.status_code, answer.content_type) == (503, "application/json")
    assert (answer.headers["Retry-After"], answer.headers["Cache-Control"]) == ("5", "no-store")
    assert list(answer.get_json()) == ["error"]
    assert "The database does not answer" in answer.get_json()["error"]
    assert "the database mysql+pymysql://root:***@127.0.0.1" in caplog.text
    assert "secret-word" not in answer.text + caplog.text


def test_people_are_told_that_the_database_is_gone(dead_client: FlaskClient) -> None:
    """503 with a calm page that asks again by itself; static files are still served."""
    answer = dead_client.get("/")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert "The database does not answer" in answer.text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in answer.text
    assert 'src="/static/retry.js" defer data-seconds="5"' in answer.text
    assert "secret-word" not in answer.text
    with dead_client.get("/static/style.css") as file:
        assert file.status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz"])
def test_a_database_that_is_not_prepared(client: FlaskClient, path: str) -> None:
    """503 that names the command which prepares it."""
    answer = client.get(path)
    assert answer.status_code == 503
    assert "ctcollect db upgrade" in answer.text


def test_opening_the_application_does_not_connect(tmp_path: Path) -> None:
    """create_app makes no file and asks no server; it refuses what is no database at all."""
    path = tmp_path / "ct.sqlite"
    create_app(Settings(database_url=f"sqlite:///{path}"))
    assert not path.exists()
    with pytest.raises(ConfigurationError, match="CTCOLLECT_DATABASE_URL"):
        create_app(replace(Settings(), database_url="secret-word"))


@on_sqlite
@pytest.mark.parametrize("path", ["/none", "/static/../secret", "/static/none.js", "/%00", "/%FF%2e%2e/"])
def test_an_unknown_page_is_not_found(client: FlaskClient, path: str) -> None:
    """404 with a page that leads back."""
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "There is no such page." in answer.text


def test_an_unknown_part_of_the_api_is_not_found(client: FlaskClient) -> None:
    """404 as JSON."""
    answer = client.get("/api/v2/status")
    assert (answer.status_code, list(answer.get_json())) == (404, ["error"])


@on_sqlite
@pytest.mark.parametrize("path", ["/", "/none", "/api/v1/status", "/healthz", "/static/live.js"])
def test_every_answer_is_guarded(store: Store, client: FlaskClient, path: str) -> None:
    """Pages, faults, JSON and files forbid foreign and inline content, guessed types and referrers."""
    with client.get(path) as answer:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        kept = {"/static/live.js": "no-cache", "/api/v1/status": "public, max-age=1"}
        assert answer.headers["Cache-Control"] == kept.get(path, "no-store")
    assert HEADERS["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def test_a_defect_shows_nothing_of_the_inside(app: Flask) -> None:
    """An error that nobody foresaw is a 500 in one sentence, without its text."""

    @app.get("/api/v1/defect")
    def defect() -> str:
        raise RuntimeError("secret-word")

    answer = app.test_client().get("/api/v1/defect")
    assert (answer.status_code, list(answer.get_json())) == (500, ["error"])
    assert "secret-word" not in answer.text
