"""The API: what programs get."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from ctcollect.store import Store
from ctcollect.store.status import status_document
from tests.coordinator.conftest import on_sqlite
from tests.webapp.collection import add_certificate, add_day, add_log, add_small_collection

ROUTES = ["/api/v1/status", "/api/v1/totals", "/api/v1/workers", "/api/v1/daily", "/api/v1/events", "/healthz"]


def test_status_is_the_stores_document(store: Store, client: FlaskClient) -> None:
    """/api/v1/status is status_document; a log and the workers by themselves are the parts of it."""
    add_small_collection(store)
    with store.reading() as session:
        document = status_document(session)
    status = client.get("/api/v1/status").get_json()
    assert status | {"as_of": ""} == document | {"as_of": ""}
    assert list(status["totals"]) == list(document["totals"])
    assert status["totals"]["done"] == 2_500_000
    assert client.get("/api/v1/workers").get_json() == document["workers"]
    assert [client.get(f"/api/v1/logs/{log['name']}").get_json() for log in document["logs"]] == document["logs"]


def test_an_unknown_log_is_not_found(store: Store, client: FlaskClient) -> None:
    """404 as JSON, one line; a known name with a slash and a space is found."""
    add_log(store, "Local log/2024 ü")
    answer = client.get("/api/v1/logs/none%09%E2%80%AE")
    assert answer.status_code == 404
    assert answer.get_json() == {"error": r"there is no log named 'none\t\u202e': see /api/v1/logs"}
    assert client.get("/api/v1/logs/Local%20log/2024%20%C3%BC").get_json()["name"] == "Local log/2024 ü"


def test_daily_counts_are_in_order(store: Store, client: FlaskClient) -> None:
    """Every row of daily_counts, by day and then by log, days as YYYY-MM-DD."""
    add_day(store, date(2024, 2, 1), "xenon2024", 3, 2, 1)
    add_day(store, date(2024, 2, 1), "argon2024", 30, 20, 10)
    add_day(store, date(2024, 1, 31), "xenon2024", 300, 200, 100)
    assert client.get("/api/v1/daily").get_json() == [
        {"day": "2024-01-31", "log_name": "xenon2024", "entries": 300, "uploaded": 200, "registered": 100},
        {"day": "2024-02-01", "log_name": "argon2024", "entries": 30, "uploaded": 20, "registered": 10},
        {"day": "2024-02-01", "log_name": "xenon2024", "entries": 3, "uploaded": 2, "registered": 1},
    ]


def test_certificates_of_a_domain(store: Store, client: FlaskClient) -> None:
    """Those for the domain and all below it, in any written form, newest first; times are UTC with a Z."""
    add_log(store, "argon2024")
    names = ["www.example.jp", "*.example.jp", "other-example.jp", "www.example.co.jp"]
    for number, name in enumerate(names, start=1):
        add_certificate(store, number, name, "argon2024")
    found = client.get("/api/v1/certificates?domain=EXAMPLE.jp.").get_json()
    assert [each["san_names"] for each in found] == [["*.example.jp"], ["www.example.jp"]]
    assert found[0]["not_before"] == "2024-01-02T00:00:00Z"
    assert found[0]["first_seen_at"] == "2024-01-31T15:00:01.250000Z"
    sighting = {"log": "argon2024", "index": 2, "entry_type": "precert", "friend": "alice"}
    assert found[0]["sightings"] == [sighting | {"timestamp": "2024-01-31T15:00:01.250000Z"}]


@on_sqlite
@pytest.mark.parametrize("query", ["", "?domain=", "?domain=a%20b", "?domain=%00", "?domain=%FF", "?domain=1.2.3.4"])
def test_what_is_no_domain_is_refused(store: Store, client: FlaskClient, query: str) -> None:
    """400 with one line of JSON, for a domain that is missing and for one that is none."""
    answer = client.get(f"/api/v1/certificates{query}")
    assert (answer.status_code, answer.content_type) == (400, "application/json")
    assert "domain" in answer.get_json()["error"]
    assert answer.get_json()["error"].isprintable()


@given(domain=st.text(max_size=300) | st.from_regex(r"[a-z%_\\*'.-]{1,20}\.jp", fullmatch=True))
@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_domain_breaks_the_search(store: Store, client: FlaskClient, domain: str) -> None:
    """Whatever is asked for, the answer is 200 with a list or 400 with a reason."""
    answer = client.get("/api/v1/certificates", query_string={"domain": domain})
    assert (
        answer.get_json() == []
        if answer.status_code == 200
        else (answer.status_code, "error" in answer.get_json()) == (400, True)
    )


def test_health(store: Store, client: FlaskClient) -> None:
    """{"ok": true} while the database answers."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"ok": True})


@on_sqlite
@pytest.mark.parametrize("path", ROUTES)
def test_only_reading_is_allowed(app: Flask, path: str) -> None:
    """Other methods than GET, HEAD and OPTIONS are refused with JSON and the list of those allowed."""
    answer = app.test_client().post(path)
    assert answer.status_code == 405
    assert set(answer.allow) == {"GET", "HEAD", "OPTIONS"}
    assert "error" in answer.get_json()
