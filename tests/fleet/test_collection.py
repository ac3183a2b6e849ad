"""A real fleet on MariaDB collects logs whose content is known."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from ctcollect.store.ledger import VERIFIED, range_states
from tests.fleet.fleet import Fleet, jp_indices
from tests.services.mariadb import MariadbServer
from tests.services.redis import RedisServer

ENTRIES = 50_000
JP_SHARE = 0.005
MAX_ENTRIES = {"by-32": 32, "by-256": 256, "by-1000": 1000}
OPERATORS = {"by-32": "Google", "by-256": "DigiCert", "by-1000": "Cloudflare"}
WORKER_MAX_BYTES = 150 * 10**6


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, mariadb_server: MariadbServer) -> Iterator[Fleet]:
    """Coordinator, beat and two friends; what they import is told in their output."""
    folder = tmp_path_factory.mktemp("fleet")
    mariadb_server.start()
    variables = {"PYTHONPROFILEIMPORTTIME": "1"}
    with (
        RedisServer(tmp_path_factory.mktemp("fleet-redis")) as redis,
        Fleet(folder, redis.url, mariadb_server.url("fleet"), **variables) as fleet,
    ):
        fleet.start_coordinator()
        fleet.start_worker("alice", "google", "digicert")
        fleet.start_worker("bob", "cloudflare", "google")
        yield fleet
    mariadb_server.drop_database("fleet")


@pytest.fixture(scope="module")
def logs() -> dict[str, LocalLog]:
    """One content under three names, as logs share certificates."""
    first = LocalLog.generate("by-32", ENTRIES, seed=3, operator="Google", jp_share=JP_SHARE)
    others = (
        LocalLog(name, first.entries, seed=3, operator=operator, truth=first.truth, roots=first.roots)
        for name, operator in OPERATORS.items()
        if name != first.name
    )
    return {log.name: log for log in (first, *others)}


@pytest.fixture(scope="module")
def collected(fleet: Fleet, logs: dict[str, LocalLog]) -> Iterator[LocalLogServer]:
    """The server of the three logs when all of them are verified."""
    with LocalLogServer(list(logs.values()), max_entries=MAX_ENTRIES) as server:
        fleet.want(server)
        for name in logs:
            fleet.wait_for(name, "verified", ENTRIES)
        yield server

@pytest.mark.parametrize("name", MAX_ENTRIES)
def test_x(fleet: Fleet, collected: LocalLogServer, logs: dict[str, LocalLog], name: str) -> None:
    print(fleet.log(name), collected.stats()["logs"][name])
    print([ (p.name, open(f"/proc/{p.pid}/status").read().split("VmHWM:")[1].split("\n")[0]) for p in fleet.parts])
    assert fleet.sighted(name) == jp_indices(logs[name])
    assert 0
