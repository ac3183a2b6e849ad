"""What should be there once is there twice, by mistake: every part of the fleet. It is harmless."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from sqlalchemy import update

from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from ctcollect.models import WorkerRow
from tests.fleet.fleet import Fleet, jp_indices
from tests.services.processes import wait_until

ENTRIES = 16_000
# Those of the project's own users, and those of all accounts.
EVENT_TOPICS = 2
TAKEOVER_SECONDS = 8.0
SLOW = Rule("slow", probability=1, seconds=0.4, endpoint="get-entries")


@pytest.fixture
def server() -> Iterator[LocalLogServer]:
    with LocalLogServer([LocalLog.generate("twice", ENTRIES, seed=8, operator="DigiCert")], faults=Faults(SLOW)) as log:
        yield log


@pytest.fixture
def fleet(tmp_path: Path, broker_url: str, server: LocalLogServer) -> Iterator[Fleet]:
    """Two coordinators and two workers of one name each, and two beats; the workers as if on two machines."""
    with Fleet(tmp_path, broker_url, f"sqlite:///{tmp_path}/ct.sqlite", CTCOLLECT_LANE_CONCURRENCY="2") as fleet:
        fleet.import_logs(server)
        for number in (1, 2):
            fleet.start_coordinator()
            fleet.start_worker("alice", "digicert", CTCOLLECT_DATA_DIR=str(tmp_path / f"alice-{number}"))
            for name in ("coordinator", "beat", "alice"):
                fleet.parts[f"{name} {number}"] = fleet.parts.pop(name)
        yield fleet


def test_two_of_everything(fleet: Fleet, server: LocalLogServer) -> None:
    """No entry is read more often for it, no certificate is stored twice, and the worker stands there once.

    Feeding, auditing and planning happen under a guard in the database, recording twice changes nothing, an order is
    popped from its queue by one worker alone, and a worker's name says who is to be thanked and nothing else.
    """
    fleet.plan("twice")
    fleet.wait_for("twice", "verified", ENTRIES)
    log = server.logs["twice"]
    assert fleet.sighted("twice") == jp_indices(log)
    assert fleet.log("twice")["sightings"] == len(jp_indices(log))
    assert server.stats()["logs"]["twice"]["entries"] < 1.05 * ENTRIES
    assert [worker["friend"] for worker in fleet.workers()] == ["alice"]
    assert fleet.workers()[0]["entries"] == ENTRIES


def test_one_of_several_recorders_listens(tmp_path: Path, broker_url: str) -> None:
    """To the workers' events; whichever of them ends, another one takes its place, and asks at once who is there."""
    with Fleet(tmp_path, broker_url, f"sqlite:///{tmp_path}/ct.sqlite") as fleet:
        fleet.start_worker("alice", "google")
        fleet.start_coordinator()
        wait_until(lambda: fleet.is_running("alice"), "alice")
        for _ in range(2):  # one of the two that end is the one that listens
            before = fleet.parts.pop("coordinator")
            fleet.start_coordinator()
            wait_until(lambda: subscribed(broker_url, topics=1) == 3, "two coordinators and alice")
            assert subscribed(broker_url, topics=EVENT_TOPICS) == 1
            with fleet.store.transaction() as session:
                session.execute(update(WorkerRow).values(running=False))
            before.terminate()
            wait_until(lambda: fleet.is_running("alice"), "alice, again", TAKEOVER_SECONDS)


def subscribed(broker_url: str, topics: int) -> int:
    """How many connections listen to so many topics: one is that of the remote control, which every worker obeys."""
    with redis.from_url(broker_url) as client:
        return sum(int(each["psub"]) == topics for each in client.client_list())
