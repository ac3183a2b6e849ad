"""Which workers run, as far as their events tell: beat may be away, and harvests may come late."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from ctcollect.coordinator import presence
from ctcollect.coordinator.presence import WRITE_EVERY_SECONDS, Signs
from ctcollect.store import utc_now, workers
from ctcollect.store.friend_figures import friends_now
from ctcollect.store.workers import WorkerSign, all_workers, note_signs
from ctcollect.worker_report import HEARTBEAT_SECONDS
from tests.coordinator.conftest import OpenPipeline, on_sqlite
from tests.coordinator.pipeline import Pipeline

pytestmark = on_sqlite
VANISHED_SECONDS = 60


@pytest.fixture
def fleet(open_fleet: OpenPipeline) -> Pipeline:
    """A database without any log."""
    return open_fleet()


class Clock:
    """The coordinator's time, which passes only when told."""

    def __init__(self) -> None:
        self.start = utc_now()
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in (presence, workers):
        monkeypatch.setattr(module, "utc_now", clock.now)
    return clock


@pytest.fixture
def signs(fleet: Pipeline, clock: Clock) -> Signs:
    return Signs(fleet.context, clock)


def event(kind: str, friend: str = "alice") -> dict[str, Any]:
    return {"type": f"worker-{kind}", "hostname": f"{friend}@host"}


def is_running(fleet: Pipeline) -> bool:
    with fleet.store.reading() as session:
        (alice,) = all_workers(session)
        return alice.running


def test_a_worker_that_says_good_bye_is_shown_as_stopped_at_once(fleet: Pipeline, signs: Signs) -> None:
    """Nothing is waited for; one that comes is shown at once too."""
    signs.note(event("online"))
    assert is_running(fleet)
    signs.note(event("offline"))
    assert not is_running(fleet)
    signs.note(event("online"))
    assert is_running(fleet)


def test_a_late_harvest_does_not_bring_a_worker_back(fleet: Pipeline, clock: Clock, signs: Signs) -> None:
    """One that is recorded after the good-bye counts as a sign of life, but only until the next writing."""
    signs.note(event("offline"))
    with fleet.store.transaction() as session:
        note_signs(session, [WorkerSign("alice@host", utc_now())])
    assert is_running(fleet)
    clock.seconds += WRITE_EVERY_SECONDS + 1
    signs.note(event("heartbeat", "coordinator"))
    assert not is_running(fleet)


def test_a_worker_that_vanishes_is_noticed_within_a_minute(fleet: Pipeline, clock: Clock, signs: Signs) -> None:
    """Without beat; and one that was only paused is shown as running with its next heartbeat or the one after."""
    signs.note(event("heartbeat"))
    shown = []
    for _ in range(int(VANISHED_SECONDS / HEARTBEAT_SECONDS)):
        clock.seconds += HEARTBEAT_SECONDS
        signs.note(event("heartbeat", "coordinator"))
        shown.append(is_running(fleet))
    assert shown[:4] == [True] * 4
    assert shown[-1] is False
    for _ in range(2):
        clock.seconds += HEARTBEAT_SECONDS
        signs.note(event("heartbeat"))
    assert is_running(fleet)


def test_what_a_worker_tells_of_itself_stays_with_it(fleet: Pipeline, signs: Signs) -> None:
    """Its spool and its lanes, until it tells something new; a heartbeat without, or with nonsense, changes nothing."""
    told = {"spool_harvests": 2, "spool_bytes": 4096, "spool_free_bytes": 10**9, "lane_google": [3, 4, 12.5, 0.0]}
    signs.note({**event("online"), "queues": "google", **told})
    signs.note({**event("online"), "spool_harvests": "many", "lane_google": [None] * 4})
    for kind in ("online", "offline"):
        signs.note({**event(kind), "hostname": "alice@gone", "queues": "google", **told, "spool_bytes": 0})
    with fleet.store.reading() as session:
        _, alice = all_workers(session)
        found = friends_now(session)["alice"]
    assert (alice.spool_harvests, alice.spool_bytes, alice.spool_free_bytes) == (2, 4096, 10**9)
    assert alice.reported_at is not None
    lane = {"busy": 3, "limit": 4, "requests_per_second": 12.5, "pause_seconds": 0.0}
    assert [(queue["queue"], queue["lane"]) for queue in found["queues"]] == [("google", lane)]
    assert found["spool_bytes"] == 4096
    signs.note(event("offline"))
    with fleet.store.reading() as session:
        gone = friends_now(session)["alice"]
    assert (gone["running"], gone["queues"], gone["spool_bytes"]) == (False, [], 4096)
