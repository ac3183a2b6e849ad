"""The status document: its shape is a contract, its figures are those of the tables."""

import json
import time
from dataclasses import replace

import pytest

from ctcollect.coordinator import planner
from ctcollect.coordinator.announcement import announcement
from tests.coordinator.conftest import ENTRIES, on_sqlite
from tests.coordinator.pipeline import Pipeline

LOG_MEMBERS = {
    "name", "queue", "kind", "state", "reachable", "tree_size", "window", "wanted", "done", "verified", "malformed",
    "certificates", "sightings", "entries_per_second", "eta_seconds",
}  # fmt: skip
WORKER_MEMBERS = {"name", "friend", "running", "last_seen", "entries", "certificates", "entries_per_second"}
COUNTS = ("wanted", "out", "done", "verified", "malformed", "sightings")


@on_sqlite
def test_the_document_keeps_its_contract(pipeline: Pipeline) -> None:
    """Every promised member is there, as JSON, before, amid and after the work; the totals are the sums."""
    orders = pipeline.feed()
    for end, speed_known in ((0, False), (1, True), (3, True)):
        pipeline.record(pipeline.collect(orders[:end]))
        document = pipeline.status()
        assert json.loads(json.dumps(document)) == document
        (log,), workers = document["logs"], document["workers"]
        assert log.keys() >= LOG_MEMBERS
        assert log["wanted"] == log["done"] + log["out"] == ENTRIES
        assert {name: document["totals"][name] for name in COUNTS} == {name: log[name] for name in COUNTS}
        assert (log["entries_per_second"] > 0) == speed_known
        assert all(worker.keys() >= WORKER_MEMBERS for worker in workers)
        assert sum(worker["entries"] for worker in workers) == log["done"]


@on_sqlite
def test_the_document_says_how_it_stands(pipeline: Pipeline) -> None:
    """Names, states and figures of one log and one worker when everything is verified."""
    pipeline.collect_all()
    pipeline.audit()
    document = pipeline.status()
    (log,), (worker,) = document["logs"], document["workers"]
    assert (log["name"], log["queue"], log["kind"], log["state"]) == ("demo-google", "google", "rfc6962", "usable")
    assert (log["reachable"], log["window"], log["tree_size"]) == (True, [[0, ENTRIES]], ENTRIES)
    assert log["verified"] == log["done"] == ENTRIES
    assert (log["eta_seconds"], document["totals"]["eta_seconds"]) == (0.0, 0.0)
    assert (worker["name"], worker["friend"], worker["running"]) == ("alice@here", "alice", True)
    assert worker["certificates"] == log["sightings"]
    assert document["totals"]["certificates"] == log["certificates"]
    assert document["totals"]["workers_running"] == 1


@on_sqlite
def test_workers_are_told_when_a_log_ends(pipeline: Pipeline) -> None:
    """Its name and its end at the present speed, while it is being read; with that, the oldest version that may."""
    context = replace(pipeline.context, settings=replace(pipeline.context.settings, oldest_client="0.0.1"))
    orders = pipeline.feed()
    assert announcement(context) == {"ends_at": {}, "oldest_client": "0.0.1"}
    pipeline.record(pipeline.collect(orders[:1]))
    expected = time.time() + pipeline.status()["logs"][0]["eta_seconds"]
    assert announcement(context)["ends_at"] == {"demo-google": pytest.approx(expected, abs=5)}
    pipeline.record(pipeline.collect(orders[1:]))
    assert announcement(context)["ends_at"] == {}


def test_a_log_tells_its_jp_share_and_which_windows_grow(pipeline: Pipeline) -> None:
    """The share of all entries that were read; None before any was. Windows as they were typed."""
    (log,) = pipeline.status()["logs"]
    assert (log["jp_share"], log["follows"]) == (None, [])
    planner.plan(pipeline.context, "demo-google", "full", follow=True)
    pipeline.collect_all()
    (log,) = pipeline.status()["logs"]
    assert log["jp_share"] == round(log["sightings"] / log["done"], 6) > 0
    assert log["follows"] == ["full"]
