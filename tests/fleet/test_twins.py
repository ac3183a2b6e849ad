"""What should be there once is there twice, by mistake: every part of the fleet. It is harmless."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from tests.fleet.fleet import Fleet, jp_indices

ENTRIES = 16_000
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
