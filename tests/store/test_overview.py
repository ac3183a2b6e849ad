"""Where the entries are, how the queues fare, what was found last and when: in both databases."""

import json
from datetime import timedelta
from typing import Any

import pytest

from ctcollect.catalogue import queues
from ctcollect.models import DailyCountRow, LeaseRow, SightingRow
from ctcollect.store import Store, utc_now
from ctcollect.store.daily_matrix import daily_matrix
from ctcollect.store.engine import tokyo_day
from ctcollect.store.entries import PARTS, entries_document
from ctcollect.store.finds import latest_finds
from ctcollect.store.gauges import Gauge, put_gauges, waiting_in
from ctcollect.store.host_paces import set_host_pace
from ctcollect.store.queue_figures import queues_document
from ctcollect.store.workers import WorkerSign, note_signs
from tests.store.sampled import START, clock_at, sample_at, set_counters
from tests.webapp.collection import add_certificate, add_day, add_log, log_id


@pytest.fixture
def store(either_store: Store) -> Store:
    return either_store


def lease(store: Store, name: str, start: int, end: int) -> None:
    now = utc_now()
    with store.transaction() as session:
        row = {"log_id": log_id(name), "start_index": start, "end_index": end, "range_start": 0, "queue": "google"}
        session.add(LeaseRow(**row, issued_at=now, issued_until=now))


def test_every_wanted_entry_is_somewhere(store: Store) -> None:
    """The parts of each log, and of all, make what is wanted; what is out twice or lost is counted once."""
    add_log(store, "half", wanted=1_000, entries_done=500, entries_verified=320)
    add_log(store, "lost", wanted=1_000, entries_done=100, unobtainable_since=utc_now())
    add_log(store, "nearly", wanted=1_000, entries_done=960)
    add_log(store, "unplanned", entries_done=0)
    lease(store, "half", 512, 640)
    lease(store, "lost", 512, 640)
    lease(store, "nearly", 896, 1_000)
    with store.reading() as session:
        document = entries_document(session)
    logs = document["logs"]
    assert set(logs) == {"half", "lost", "nearly"}
    for figures in (document, *logs.values()):
        assert sum(figures[part] for part in PARTS) == figures["wanted"]
        assert figures["done"] == figures["verified"] + figures["unverified"]
    assert [logs["half"][part] for part in PARTS] == [320, 180, 128, 372, 0]
    assert [logs["lost"][part] for part in PARTS] == [0, 100, 0, 0, 900]
    assert [logs["nearly"][part] for part in PARTS] == [0, 960, 40, 0, 0]
    assert document["wanted"] == 3_000
    assert json.loads(json.dumps(document)) == document


def queue_figures(store: Store, monkeypatch: pytest.MonkeyPatch, now: int) -> dict[str, dict[str, Any]]:
    with clock_at(monkeypatch, now), store.reading() as session:
        return {each["queue"]: each for each in queues_document(session)}


def test_a_queue_is_told_by_its_requests(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pace of the last minutes, its refused share of the last hour and day, from the logs on it."""
    add_log(store, "argon", wanted=1_000)
    add_log(store, "xenon", wanted=1_000)
    for hour, (requests, throttled) in {0: (0, 0), 20: (1_000, 900), 23: (2_000, 1_000), 24: (3_000, 1_100)}.items():
        set_counters(store, "argon", requests=requests // 2, throttled=throttled)
        set_counters(store, "xenon", requests=requests // 2)
        sample_at(store, START + hour * 3600)
    sample_at(store, now := START + 24 * 3600 + 300)
    set_counters(store, "argon", requests=1_800)
    google = queue_figures(store, monkeypatch, now)["google"]
    assert google["requests_per_second"] == 1.0
    assert google["refused_share_1h"] == round(100 / 1_300, 4)
    assert google["refused_share_24h"] == round(1_100 / 3_300, 4)
    assert queue_figures(store, monkeypatch, now + 3600)["google"]["requests_per_second"] is None


def test_a_queue_that_nobody_knows_of_yet_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every queue of the catalogue is there, with None for what was never looked up and never asked."""
    found = queue_figures(store, monkeypatch, START)
    assert tuple(found) == queues()
    for figures in found.values():
        assert (figures["out"], figures["workers"], figures["friends"]) == (0, 0, 0)
        assert {figures[name] for name in figures if figures[name] is None or name.startswith("refused")} == {None}


def test_what_waits_is_out_and_serves(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Depth as the coordinator saw it last, orders that are out, workers by queue, the ceiling of the hosts at work."""
    add_log(store, "argon", wanted=1_000, url="https://ct.googleapis.com/logs/argon/")
    add_log(store, "xenon", wanted=1_000, url="https://other.example/")
    add_log(store, "ready", wanted=1_000, entries_done=1_000, url="https://ready.example/")
    lease(store, "argon", 0, 32)
    lease(store, "argon", 32, 64)
    with store.transaction() as session:
        set_host_pace(session, "ct.googleapis.com", 7.5)
        put_gauges(session, {waiting_in("google"): Gauge(41)})
        names = [("alice@one", "google,digicert"), ("alice@two", "google"), ("bob@one", "google")]
        note_signs(session, [WorkerSign(name, utc_now(), queues=served) for name, served in names])
    found = queue_figures(store, monkeypatch, START)
    google, digicert = found["google"], found["digicert"]
    assert (google["waiting"], google["out"], google["ceiling_per_second"]) == (41, 2, 17.5)
    assert google["waiting_as_of"] is not None
    assert (google["workers"], google["friends"]) == (3, 2)
    assert (digicert["workers"], digicert["waiting"], digicert["ceiling_per_second"]) == (1, None, None)


def test_finds_come_newest_first_page_by_page(store: Store) -> None:
    """Each with its first name, log, friend and time; a page ends where the next begins."""
    add_log(store, "argon")
    for number, name in enumerate(["a.co.jp", "b.example.jp", "*.example.jp", "d.jp"], start=1):
        add_certificate(store, number, name, "argon")
    with store.transaction() as session:
        session.query(SightingRow).filter_by(leaf_index=4).delete()
    with store.reading() as session:
        pages = [latest_finds(session, 2), latest_finds(session, 2, before=3), latest_finds(session, 2, before=1)]
    assert [[find["name"] for find in page] for page in pages] == [
        ["d.jp", "*.example.jp"],
        ["b.example.jp", "a.co.jp"],
        [],
    ]
    assert [find["friend"] for find in pages[0]] == [None, "alice"]
    assert pages[1][0] == {
        "id": 2,
        "name": "b.example.jp",
        "organisation_type": "general",
        "issuer": None,
        "log": "argon",
        "friend": "alice",
        "found_at": "2024-01-31T15:00:01+00:00",
    }


def test_days_are_a_matrix(store: Store) -> None:
    """A row of counts for each log that brought something, the last column today in Asia/Tokyo, 0 without a row."""
    today = tokyo_day(utc_now())
    days = {"argon": {0: 5, 29: 7, 30: 9}, "xenon": {1: 3}, "idle": {2: 0}}
    for log, counts in days.items():
        for ago, count in counts.items():
            add_day(
                store, today - timedelta(days=ago), log, entries=1_000 * count, uploaded=2 * count, registered=count
            )
    with store.reading() as session:
        month, year = daily_matrix(session, 30), daily_matrix(session, 365, "uploaded")
        with pytest.raises(KeyError):
            daily_matrix(session, 30, DailyCountRow.__tablename__)
    assert (len(month["days"]), month["days"][-1]) == (30, today.isoformat())
    assert month["logs"] == [
        {"log": "argon", "counts": [7, *[0] * 28, 5]},
        {"log": "xenon", "counts": [*[0] * 28, 3, 0]},
    ]
    assert year["logs"][0]["counts"][-31:] == [18, 14, *[0] * 28, 10]
