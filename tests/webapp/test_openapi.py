"""The OpenAPI document and the running application agree, whatever is asked."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from urllib.parse import quote

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as effort
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import positive_data_acceptance

from ctcollect.models import Base
from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.webapp.collection import add_certificate, add_day, add_log, add_small_collection
from tests.webapp.reading_html import Page
from webapp import create_app
from webapp.api import ENDPOINTS
from webapp.api.openapi import openapi_document

HOSTILE = ["", " ", "0", "-1", "1.5", "9" * 30, "1e9", "１", "NaN", "null", "None", "true", "[]", "{}", "x" * 3000]
HOSTILE += ["'", "' OR 1=1 --", '"; DROP TABLE logs', "%", "_", "\\", "<script>alert(1)</script>", "\0", "\r\nX: y"]
HOSTILE += ["../../etc/passwd", "2024-13-01", "2024-02-30", "0000-01-01", "99999-01-01", "2024-01-01,", ",", "\u202e"]
EXAMPLES = {"name": "argon2024", "number": 1, "domain": "example.jp"}
PLAIN = {"Accept-Encoding": "identity"}
NAMES = ["log", "from", "to", "limit", "next", "domain", "strange", "limit[]", "<b>"]


@pytest.fixture(scope="module")
def filled_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a database with a row of everything."""
    settings = Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('api')}/ct.sqlite")
    store = Store(settings.database_url)
    Base.metadata.create_all(store.engine)
    add_small_collection(store)
    add_log(store, "yeti/2024 =", reachable=None, unobtainable_since=None, state="usable")
    add_day(store, date(2024, 2, 2), "xenon2023", 30, 20, 10)
    for number in (1, 2, 3):
        add_certificate(store, number, f"w{number}.example.jp", "argon2024")
    yield create_app(settings)
    store.close()


@pytest.fixture
def asker(filled_app: Flask) -> FlaskClient:
    return filled_app.test_client()


@pytest.mark.parametrize("path", [each.path for each in ENDPOINTS])
def test_every_answer_is_as_documented(filled_app: Flask, path: str) -> None:
    """Status, type and body of what schemathesis thinks of, right and wrong. Nobody is let in to listen here: 503."""
    operation = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", filled_app)[path]["GET"]
    # A day as 2024-01-31 may still come before the other, a text be no domain.
    excluded: list[schemathesis.CheckFunction] = [
        positive_data_acceptance,
        *([not_a_server_error] if path.endswith("/events") else []),
    ]

    @given(case=operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE))
    @effort(max_examples=20)
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=PLAIN, excluded_checks=excluded)

    check()


def test_the_document_is_openapi_and_complete(asker: FlaskClient, filled_app: Flask) -> None:
    """It keeps to OpenAPI 3.1 and names every route below /api/ and the health check, and no other."""
    document = asker.get("/api/v1/openapi.json").get_json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    rules = {rule.rule for rule in filled_app.url_map.iter_rules() if rule.endpoint.startswith("api.")}
    assert set(document["paths"]) == {re.sub(r"<\w+:(\w+)>", r"{\1}", rule) for rule in rules} - {"/api"}
    assert len(document["paths"]) == len(ENDPOINTS)


def test_every_field_is_documented(asker: FlaskClient) -> None:
    """What is sent is as its schema, which names each field of it; the columns of a table are the fields of a row."""
    paths = openapi_document()["paths"]
    lists = ("status", "totals", "logs", "workers", "friends", "daily", "certificates")
    for path in (*lists, "logs/{name}", "certificates/{number}", "domains/{domain}"):
        query = "?domain=example.jp" if path == "certificates" else ""
        answer = paths[f"/api/v1/{path}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        body = asker.get(f"/api/v1/{path.format(**EXAMPLES)}{query}").get_json()
        assert body
        OAS31Validator(answer, format_checker=oas31_format_checker).validate(body)
        row = answer.get("items", answer)["properties"]
        assert list(row) == list(body[0] if isinstance(body, list) else body), path
        if isinstance(body, list):
            header = asker.get(f"/api/v1/{path}.csv{query}").text.splitlines()[0]
            assert header.split(",") == list(row)


@pytest.mark.parametrize("each", ENDPOINTS, ids=lambda each: each.path)
def test_no_parameter_breaks_an_address(each: object, asker: FlaskClient) -> None:
    """Wrong, huge, negative, unknown, SQL, HTML: 200, or 400, 404 or 503 with one sentence in JSON."""
    path = str(getattr(each, "path", "")).format(**EXAMPLES)
    required = {"domain": "example.jp"} if path.startswith("/api/v1/certificates") and "1" not in path[8:] else {}
    for name, value in product(NAMES, HOSTILE):
        answer = asker.get(path, query_string={**required, name: value})
        assert answer.status_code in (200, 400, 404, 503), (name, value)
        if answer.status_code != 200:
            assert list(answer.get_json()) == ["error"]
            assert answer.get_json()["error"].isprintable(), (name, value)
            assert len(answer.get_json()["error"]) < 400
        known = {parameter.name for parameter in getattr(each, "parameters", ())}
        assert (name in known) or (answer.status_code == 400 and "unknown parameter" in answer.text)


def test_no_name_breaks_the_page_of_a_log(asker: FlaskClient) -> None:
    """404 with one line of JSON for every name that no log has; a strange name that one has is found."""
    for value in HOSTILE:
        answer = asker.get(f"/api/v1/logs/{quote(value, safe='')}")
        assert answer.status_code == 404, value
        assert answer.get_json()["error"].isprintable()
    assert asker.get(f"/api/v1/logs/{quote('yeti/2024 =', safe='')}").get_json()["name"] == "yeti/2024 ="


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?from=2024-1-1", "from is '2024-1-1': write a day as 2024-01-31"),
        ("?limit=0", "limit is '0': write a whole number from 1 to 5000"),
        ("?limit=１", "limit is '１': write a whole number from 1 to 5000"),
        ("?limit=1&limit=2", "limit is given more than once"),
        ("?next=nonsense", "next is 'nonsense': write what the header Link of the page before says"),
        ("?from=2024-02-02&to=2024-01-01", "from (2024-02-02) is after to (2024-01-01)"),
        ("?log=none", "there is no log named 'none': see /api/v1/logs"),
        ("?day=1&<b>=2", "unknown parameter '<b>', 'day': this address takes log, from, to, limit, next"),
    ],
)
def test_what_is_wrong_is_said(asker: FlaskClient, query: str, sentence: str) -> None:
    """The sentence names the parameter, what was given and what to write."""
    assert asker.get(f"/api/v1/daily{query}").get_json() == {"error": sentence}


def test_the_page_for_people_lists_every_address(asker: FlaskClient) -> None:
    """/api is a page with a heading for each, made of the document itself."""
    answer = asker.get("/api")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    visible = Page(answer.text).visible_text
    for path, item in openapi_document()["paths"].items():
        assert path in visible
        assert item["get"]["summary"] in visible
    assert answer.text.count("<h1") == 1


def test_the_document_is_in_no_second_place() -> None:
    """Nothing in the package repeats it: it is made of the declarations when it is asked for."""
    assert list((Path(__file__).parents[2] / "webapp").rglob("*openapi*.json")) == []
