"""/metrics as Prometheus reads it, and the Grafana dashboard that asks for it."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from ctcollect.models import ContributionRow, LeaseRow, LogRow, WorkerRow
from ctcollect.settings import Settings
from ctcollect.store import Store
from ctcollect.store.gauges import WAITING_HARVESTS, Gauge, put_gauges, waiting_in
from tests.services.processes import free_port
from tests.webapp.collection import add_log, add_small_collection, add_worker, log_id
from webapp import create_app

DASHBOARD = Path(__file__).parents[2] / "docs" / "grafana.json"
PAGE = Path(__file__).parents[2] / "docs" / "monitoring.md"
HOSTILE = 'a"b\\c\n<script>\u202e} 1'
HEAD_AT = datetime(2024, 1, 31, 15, 0, 1)  # UTC
HEAD_SECONDS = 1706713201
# SQL is the same for both databases but in the first test, which runs on both.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
METRIC = re.compile(r"\b(?:ctcollect|flower)_\w+")


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """By name and labels; a series that comes twice fails."""
    found: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in found
            found[key] = sample.value
    return found


def value(client: FlaskClient, name: str, **labels: str) -> float:
    return samples(client.get("/metrics").text)[name, frozenset(labels.items())]


def names(client: FlaskClient) -> set[str]:
    return {name for name, _ in samples(client.get("/metrics").text)}


@pytest.fixture
def filled(store: Store, client: FlaskClient) -> FlaskClient:
    """A client on three logs and two workers; one sub-range is out, a tenth of the requests was refused."""
    add_small_collection(store)
    now = datetime(2024, 2, 1)
    out = {"range_start": 0, "queue": "google", "issued_at": now, "issued_until": now + timedelta(minutes=30)}
    with store.transaction() as session:
        session.execute(update(ContributionRow).values(requests=200, throttled=20, bytes=3000))
        session.execute(update(WorkerRow).where(WorkerRow.friend == "bob").values(bad_deliveries=2))
        session.execute(update(LogRow).where(LogRow.name == "argon2024").values(head_timestamp=HEAD_AT, tree_size=9))
        session.add(LeaseRow(log_id=log_id("argon2024"), start_index=0, end_index=1024, **out))
        put_gauges(session, {waiting_in("google"): Gauge(3), WAITING_HARVESTS: Gauge(4, 512)})
    return client


def test_the_figures_of_logs_queues_and_workers(filled: FlaskClient) -> None:
    """In base units, by log and queue, by worker and friend; sums over all time are counters."""
    answer = filled.get("/metrics")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    argon, alice, bob = [
        {"log": "argon2024", "queue": "google"},
        {"worker": "alice@tokyo", "friend": "alice"},
        {"worker": "bob@osaka", "friend": "bob"},
    ]
    expected: list[tuple[str, dict[str, str], float]] = [
        ("up", {}, 1), ("certificates", {}, 11_111),
        ("log_wanted_entries", argon, 3_000_000), ("log_out_entries", argon, 1024),
        ("log_done_entries", argon, 1_500_000),
        ("log_verified_entries", argon, 1_048_576), ("log_malformed_entries", argon, 7), ("log_tree_entries", argon, 9),
        ("log_certificates", argon, 12_345), ("log_sightings", argon, 23_456), ("log_reachable", argon, 1),
        ("log_head_timestamp_seconds", argon, HEAD_SECONDS), ("log_remaining_seconds", argon, 300),
        ("worker_running", alice, 1), ("worker_running", bob, 0),
        ("worker_last_seen_timestamp_seconds", bob, HEAD_SECONDS),
        ("worker_entries_total", alice, 5_000), ("worker_jp_entries_total", alice, 500),
        ("worker_requests_total", bob, 200), ("worker_refused_requests_total", bob, 20),
        ("worker_received_bytes_total", bob, 3000), ("worker_false_deliveries", bob, 2),
        ("queue_orders_out", {"queue": "google"}, 1), ("queue_orders_waiting", {"queue": "google"}, 3),
        ("harvests_waiting", {}, 4), ("queue_requests_total", {"queue": "google"}, 400),
        ("queue_refused_requests_total", {"queue": "google"}, 40), ("second_opinions", {"state": "disagreed"}, 0),
    ]  # fmt: skip
    found = samples(answer.text)
    told = [(name, labels, found[f"ctcollect_{name}", frozenset(labels.items())]) for name, labels, _ in expected]
    assert told == expected


@on_sqlite
def test_names_and_types_follow_prometheus(filled: FlaskClient) -> None:
    """All begin with the project's name; counters, and they alone, end with _total; nothing of the process is told."""
    text = filled.get("/metrics").text
    for family in text_string_to_metric_families(text):
        assert family.name.startswith("ctcollect_")
        assert family.documentation.endswith(".")
        # The parser takes _total from a counter's name.
        assert {sample.name.endswith("_total") for sample in family.samples} <= {family.type == "counter"}


@on_sqlite
def test_what_is_not_known_is_left_out(store: Store, client: FlaskClient) -> None:
    """No 0 for a log that nobody has asked yet, for certificates in one that can't be had, for a broker never seen."""
    add_log(store, "yeti2024", reachable=None, unobtainable_since=HEAD_AT)
    about = {name for name, labels in samples(client.get("/metrics").text) if ("log", "yeti2024") in labels}
    assert "ctcollect_log_unobtainable" in about
    assert about.isdisjoint(
        {"ctcollect_log_reachable", "ctcollect_log_certificates", "ctcollect_log_head_timestamp_seconds"}
    )
    assert names(client).isdisjoint({"ctcollect_queue_orders_waiting", "ctcollect_harvests_waiting"})


@on_sqlite
def test_names_that_others_chose_stay_in_their_labels(store: Store, client: FlaskClient) -> None:
    """Quotes, backslashes and ends of lines make no series of their own."""
    add_log(store, HOSTILE, wanted=32)
    add_worker(store, f"{HOSTILE}@{HOSTILE}", HOSTILE, entries=32)
    assert value(client, "ctcollect_log_wanted_entries", log=HOSTILE, queue="google") == 32
    worker = {"worker": f"{HOSTILE}@{HOSTILE}", "friend": HOSTILE}
    assert value(client, "ctcollect_worker_entries_total", **worker) == 32


def test_a_database_that_is_away_is_a_figure_too(caplog: pytest.LogCaptureFixture) -> None:
    """200 and ctcollect_up 0, as exporters do; no other figure, and no password in the log."""
    url = f"mysql+pymysql://root:secret-word@127.0.0.1:{free_port()}/ct"
    answer = create_app(Settings(database_url=url)).test_client().get("/metrics")
    assert answer.status_code == 200
    assert {name for name, _ in samples(answer.text)} == {"ctcollect_up", "ctcollect_build_info"}
    assert samples(answer.text)["ctcollect_up", frozenset()] == 0
    assert "secret-word" not in caplog.text


def below(document: Any) -> Iterator[dict[str, Any]]:
    """Every object of a JSON document."""
    children = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    if isinstance(document, dict):
        yield document
    for child in children:
        yield from below(child)


@on_sqlite
def test_the_dashboard_asks_only_for_what_there_is(filled: FlaskClient) -> None:
    """Each expression and variable of docs/grafana.json names metrics of /metrics, and labels that they have."""
    dashboard = orjson.loads(DASHBOARD.read_bytes())
    asked = [each.get("expr") or each.get("definition") for each in below(dashboard)]
    expressions = [each for each in asked if each]
    assert len(expressions) > 20
    own = {name for each in expressions for name in METRIC.findall(each) if name.startswith("ctcollect_")}
    assert own <= names(filled)
    labels = {name for _, labels in samples(filled.get("/metrics").text) for name, _ in labels}
    used = {
        name for each in expressions for name in re.findall(r"\b(\w+)=~|by \((\w+)\)", each) for name in name if name
    }
    assert used <= labels
    variables = {f"${each['name']}" for each in dashboard["templating"]["list"]} | {"$__rate_interval"}
    assert {name for each in expressions for name in re.findall(r"\$\w+", each)} <= variables


def test_every_panel_can_be_told_apart_and_has_its_place() -> None:
    """Ids are unique, no panel lies over another, each asks the source that the reader chooses."""
    panels = orjson.loads(DASHBOARD.read_bytes())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (place["x"] + right, place["y"] + down)
        for place in (panel["gridPos"] for panel in panels)
        for right in range(place["w"])
        for down in range(place["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
    assert {panel["datasource"]["uid"] for panel in panels if panel["type"] != "row"} == {"${datasource}"}


@on_sqlite
def test_the_guide_speaks_of_real_metrics(filled: FlaskClient) -> None:
    """Each ctcollect_ name in docs/monitoring.md is one."""
    named = {name for name in METRIC.findall(PAGE.read_text()) if name.startswith("ctcollect_")}
    assert len(named) > 5
    assert named <= names(filled)


@on_sqlite
def test_a_day_adds_to_the_counters(store: Store, filled: FlaskClient) -> None:
    """What a worker brings on another day and of another log is in the same sum."""
    more = {"entries": 1, "certificates": 0, "requests": 5, "throttled": 0, "bytes": 1}
    with store.transaction() as session:
        session.add(ContributionRow(worker="bob@osaka", log_id=log_id("idle2022"), day=date(2024, 2, 2), **more))
    bob = {"worker": "bob@osaka", "friend": "bob"}
    assert value(filled, "ctcollect_worker_requests_total", **bob) == 205
    assert value(filled, "ctcollect_queue_requests_total", queue="digicert") == 5
