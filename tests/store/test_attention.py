"""What needs attention: each rule speaks when it should and is silent when it should be."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ctcollect import clock
from ctcollect.models import LogRow, RefusedHarvestRow, SecondOpinionRow, WorkerRow
from ctcollect.store import Store, progress, utc_now
from ctcollect.store.attention import attention
from ctcollect.store.attention_rules import CLOCK_WRONG_SECONDS, RULES, Refused, Situation
from ctcollect.store.gauges import (
    BROKER_BYTES,
    DATABASE_DISK_USED,
    DISK_USED,
    RESULTS_BYTES,
    WAITING_HARVESTS,
    Gauge,
)  # fmt: skip
from ctcollect.store.incidents import (
    AUDIT_FAILED,
    HEAD_REFUSED,
    HEAD_STEPPED_BACK,
    WRITE_FAILED,
    Incident,
    incidents_of,
    note_incident,
)
from ctcollect.store.trust import SUSPECT, TRUSTED, UNTRUSTED
from tests.webapp.collection import add_log, log_id

NOW = utc_now()
HOUR_AGO, DAY_AGO, WEEKS_AGO = (NOW - timedelta(hours=hours) for hours in (1, 25, 500))
GIB = 2**30


def a_log(**columns: Any) -> LogRow:
    row = {"log_id": "a", "name": "argon", "queue": "google", "enabled": True, "paused": False, "entries_done": 10}
    return LogRow(**row | {"reachable": True} | columns)


def a_worker(name: str = "alice@host", **columns: Any) -> WorkerRow:
    row = {"name": name, "friend": name.partition("@")[0], "running": True, "queues": "google", "trust": TRUSTED}
    return WorkerRow(**row | {"last_seen": HOUR_AGO, "bad_deliveries": 0} | columns)


def incident(kind: str, last_at: Any = HOUR_AGO) -> dict[str, Any]:
    return {"incidents": [Incident(kind, "argon", 3, WEEKS_AGO, last_at)]}


def gauge(name: str, value: int, maximum: int | None) -> dict[str, Any]:
    return {"gauges": {name: Gauge(value, maximum, NOW)}}


def situation(**changes: Any) -> Situation:
    """All is well, but for the changes."""
    well = Situation(
        now=NOW, logs=[a_log()], wanted={"a": 100}, workers=[a_worker(), a_worker("bob@host")], gauges={},
        incidents=[], refused=[], sampled_at=NOW - timedelta(minutes=1), are_checks_pending=False,
    )  # fmt: skip
    return replace(well, **changes)


DOWN = {"reachable": False, "reachable_since": HOUR_AGO, "last_fault": "refused"}
LOST = DOWN | {"unobtainable_since": HOUR_AGO}
# For each rule: what makes it speak, what it then says, and what comes near without making it.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]] = {
    "nothing_sampled": (
        {"sampled_at": HOUR_AGO}, {},
        [{"sampled_at": NOW - timedelta(minutes=4)}, {"sampled_at": None, "wanted": {}}],
    ),
    "database_almost_full": (
        gauge(DATABASE_DISK_USED, 95 * GIB, 100 * GIB), {"used_bytes": 95 * GIB, "bytes": 100 * GIB},
        [gauge(DATABASE_DISK_USED, 89 * GIB, 100 * GIB), gauge(DATABASE_DISK_USED, 950 * GIB, 1000 * GIB)],
    ),
    "disk_almost_full": (
        gauge(DISK_USED, 95 * GIB, 100 * GIB), {"used_bytes": 95 * GIB, "bytes": 100 * GIB},
        [gauge(DISK_USED, 89 * GIB, 100 * GIB)],
    ),
    "broker_almost_full": (
        gauge(BROKER_BYTES, 95, 100), {"used_bytes": 95, "bytes": 100},
        [gauge(BROKER_BYTES, 89, 100), gauge(BROKER_BYTES, 95, None)],
    ),
    "write_failed": (
        incident(WRITE_FAILED), {"part": "argon", "times": 3},
        [incident(WRITE_FAILED, DAY_AGO), incident(AUDIT_FAILED)],
    ),
    "harvests_undelivered": (
        {"gauges": {WAITING_HARVESTS: Gauge(3, 512), RESULTS_BYTES: Gauge(40, 32)}}, {"harvests": 3, "bytes": 40},
        [gauge(WAITING_HARVESTS, 511, 512), gauge(RESULTS_BYTES, 31, 32)],
    ),
    "queue_unserved": (
        {"workers": [a_worker(running=False)]}, {"queue": "google", "left": 90},
        [
            {"workers": [], "logs": [a_log(paused=True)]}, {"workers": [], "logs": [a_log(entries_done=100)]},
            {"workers": [], "logs": [a_log(**LOST)]}, {"workers": [], "logs": [a_log(enabled=False)]},
        ],
    ),
    "audit_failed": (
        incident(AUDIT_FAILED, DAY_AGO), {"log": "argon", "times": 3},
        [incident(AUDIT_FAILED, WEEKS_AGO), incident(HEAD_REFUSED)],
    ),
    "head_refused": (
        incident(HEAD_REFUSED, DAY_AGO), {"log": "argon", "times": 3},
        [incident(HEAD_REFUSED, WEEKS_AGO), incident(HEAD_STEPPED_BACK)],
    ),
    "head_stepped_back": (
        incident(HEAD_STEPPED_BACK, DAY_AGO), {"log": "argon", "times": 3},
        [incident(HEAD_STEPPED_BACK, WEEKS_AGO), incident(HEAD_REFUSED)],
    ),
    "log_silent": (
        {"logs": [a_log(**DOWN)]}, {"log": "argon", "fault": "refused", "left": 90},
        [{"logs": [a_log(**LOST)]}, {"logs": [a_log(**DOWN, enabled=False)]}, {"logs": [a_log(**DOWN)], "wanted": {}}],
    ),
    "log_unobtainable": (
        {"logs": [a_log(**LOST)]}, {"log": "argon", "left": 90},
        [{"logs": [a_log(**DOWN)]}, {"logs": [a_log(**LOST | {"entries_done": 100})]}],
    ),
    "friend_untrusted": (
        {"workers": [a_worker(trust=UNTRUSTED, bad_deliveries=2), a_worker("alice@two", trust=UNTRUSTED)]},
        {"friend": "alice", "false_deliveries": 2}, [{"workers": [a_worker(trust=SUSPECT)]}],
    ),
    "friend_suspect": (
        {"workers": [a_worker(trust=SUSPECT, bad_deliveries=1)]}, {"friend": "alice", "false_deliveries": 1},
        [{"workers": [a_worker(trust=UNTRUSTED)]}, {"workers": [a_worker(bad_deliveries=1)]}],
    ),
    "harvests_refused": (
        {"refused": [Refused("mallory", 7, HOUR_AGO)]}, {"friend": "mallory", "harvests": 7}, [{"refused": []}],
    ),
    "clock_wrong": (
        {"workers": [a_worker(clock_ahead_seconds=-31.4)]},
        {"worker": "alice@host", "friend": "alice", "ahead_seconds": -31},
        [{"workers": [a_worker(clock_ahead_seconds=29.0), a_worker(clock_ahead_seconds=99.0, running=False)]}],
    ),
    "no_second_opinions": (
        {"are_checks_pending": True, "workers": [a_worker(), a_worker("alice@two")]}, {"friend": "alice"},
        [{"are_checks_pending": True}, {"workers": [a_worker()]}, {"are_checks_pending": True, "workers": []}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", RULES)
def test_each_rule_speaks_only_when_it_should(code: str) -> None:
    """Once for the case that it is for, with its parameters; not when all is well, and not for what is only like it."""
    changes, expected, near = CASES[code]
    (matter,) = RULES[code](situation(**changes))
    assert {name: matter.parameters[name] for name in expected} == expected
    for harmless in [{}, *near]:
        assert list(RULES[code](situation(**harmless))) == [], harmless


@pytest.mark.parametrize(
    ("code", "changes", "since"),
    [
        ("nothing_sampled", {"sampled_at": HOUR_AGO}, HOUR_AGO),
        ("nothing_sampled", {"sampled_at": None}, None),
        ("log_silent", {"logs": [a_log(**DOWN)]}, HOUR_AGO),
        ("queue_unserved", {"workers": []}, None),
        ("queue_unserved", {"workers": [a_worker(running=False)]}, HOUR_AGO),
        ("audit_failed", incident(AUDIT_FAILED), WEEKS_AGO),
    ],
)
def test_since_when_is_said_where_it_is_known(code: str, changes: dict[str, Any], since: Any) -> None:
    """The moment that a page counts from, None when nobody noted it."""
    (matter,) = RULES[code](situation(**changes))
    assert matter.since == since


def test_a_clock_is_wrong_where_its_worker_says_so() -> None:
    """The page and the worker's own warning agree."""
    assert CLOCK_WRONG_SECONDS == clock.WARN_SECONDS


@pytest.fixture
def ask(either_store: Store) -> Callable[[], dict[str, Any]]:
    """The parameters of what needs attention now, by code."""

    def asked() -> dict[str, Any]:
        with either_store.reading() as session:
            document = attention(session)
        assert json.loads(json.dumps(document)) == document
        return {each["code"]: each["parameters"] for each in document}

    return asked


def test_the_tables_are_read_as_they_are(either_store: Store, ask: Callable[[], dict[str, Any]]) -> None:
    """Nothing in an empty database; incidents, refused harvests and pending checks are found where they stand."""
    assert ask() == {}
    add_log(either_store, "argon", wanted=64)
    assert set(ask()) == {"nothing_sampled", "queue_unserved"}
    with either_store.transaction() as session:
        progress.take_sample(session, int(utc_now().timestamp()))
        workers = [a_worker(), a_worker("alice@two")]
        session.add_all(WorkerRow(**row_of(worker), host="host", first_seen=NOW) for worker in workers)
        note_incident(session, AUDIT_FAILED, "argon")
        note_incident(session, AUDIT_FAILED, "argon", times=2)
        for at, worker in [(HOUR_AGO, "bob@one"), (NOW, "bob@two"), (WEEKS_AGO, "bob@one")]:
            session.add(RefusedHarvestRow(received_at=at, worker=worker, reason="why", body=b""))
        session.add(second_opinion())
    told = ask()
    assert set(told) == {"audit_failed", "harvests_refused", "no_second_opinions"}
    assert (told["audit_failed"]["times"], told["harvests_refused"]) == (3, {"friend": "bob", "harvests": 2})


def row_of(worker: WorkerRow) -> dict[str, Any]:
    return {name: value for name, value in vars(worker).items() if not name.startswith("_")}


def second_opinion() -> SecondOpinionRow:
    span = {"start_index": 0, "end_index": 32, "range_start": 0, "checked_until": 0}
    return SecondOpinionRow(log_id=log_id("argon"), **span, queue="google", first_friend="alice", asked_at=NOW)


def test_incidents_are_counted_by_day(either_store: Store) -> None:
    """The first of a day and the last are known, and so is how often."""
    with either_store.transaction() as session:
        note_incident(session, WRITE_FAILED, "disk", times=4, first_at=HOUR_AGO)
        note_incident(session, WRITE_FAILED, "disk")
    with either_store.reading() as session:
        (found,) = incidents_of(session, 7)
    assert (found.times, found.first_at) == (5, HOUR_AGO)
    assert found.last_at >= NOW
