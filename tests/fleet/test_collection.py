"""A real fleet on MariaDB collects logs whose content is known."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from tests.fleet.fleet import Fleet, jp_indices
from tests.fleet.recorded import answered_entries, certificate_entries, holds_jp, tile_entries
from tests.services.mariadb import MariadbServer
from tests.services.redis import RedisServer

ENTRIES = 50_000
MAX_ENTRIES = {"by-32": 32, "by-256": 256, "by-1000": 1000}
OPERATORS = {"by-32": "Google", "by-256": "DigiCert", "by-1000": "Cloudflare"}
WORKER_MAX_BYTES = 150 * 2**20


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, mariadb_server: MariadbServer) -> Iterator[Fleet]:
    """Coordinator, beat and two friends, whose output tells every module that they import."""
    mariadb_server.start()
    with (
        RedisServer(tmp_path_factory.mktemp("redis")) as redis,
        Fleet(tmp_path_factory.mktemp("fleet"), redis.url, mariadb_server.url("fleet")) as fleet,
    ):
        fleet.start_coordinator(PYTHONPROFILEIMPORTTIME="1")
        fleet.start_worker("alice", "google", "digicert", PYTHONPROFILEIMPORTTIME="1")
        fleet.start_worker("bob", "cloudflare", "google", PYTHONPROFILEIMPORTTIME="1")
        yield fleet
    mariadb_server.drop_database("fleet")


@pytest.fixture(scope="module")
def logs() -> dict[str, LocalLog]:
    """One content under three names: real logs share their certificates too."""
    first = LocalLog.generate("content", ENTRIES, seed=3, jp_share=0.005)
    return {
        name: LocalLog(name, first.entries, 3, operator, truth=first.truth, roots=first.roots)
        for name, operator in OPERATORS.items()
    }


@pytest.fixture(scope="module")
def server(fleet: Fleet, logs: dict[str, LocalLog]) -> Iterator[LocalLogServer]:
    """The server of the three logs, all of which the fleet has verified."""
    with LocalLogServer(list(logs.values()), max_entries=MAX_ENTRIES) as server:
        fleet.want(server)
        for name in logs:
            fleet.wait_for(name, "verified", ENTRIES)
        yield server


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("name", MAX_ENTRIES)
def test_every_jp_entry_is_found_and_nothing_else(fleet: Fleet, logs: dict[str, LocalLog], name: str) -> None:
    """The sightings of a log are exactly its .jp entries, and its status counts them and their certificates.

    Malformed are the unreadable entries that may hold a .jp name.
    """
    known = jp_indices(logs[name])
    assert len(known) > 200
    assert fleet.sighted(name) == known
    figures = fleet.log(name)
    assert (figures["wanted"], figures["done"], figures["out"]) == (ENTRIES, ENTRIES, 0)
    assert figures["sightings"] == len(known)
    assert figures["certificates"] == len({logs[name].truth[index].issuance for index in known})
    assert figures["malformed"] == sum(truth.odd == "rubbish-jp" for truth in logs[name].truth)


def test_three_logs_with_one_content_hold_each_certificate_once(fleet: Fleet, server: LocalLogServer) -> None:
    """The total of certificates counts an issuance once, in however many logs and forms it was seen."""
    document = orjson.loads(fleet.command("status", "--json"))
    found = [log["certificates"] for log in document["logs"] if log["name"] in server.logs]
    assert found == [document["totals"]["certificates"]] * 3


@pytest.mark.parametrize("name", MAX_ENTRIES)
def test_hardly_an_entry_is_asked_for_twice(server: LocalLogServer, name: str) -> None:
    """A log serves between 1.00 and 1.05 times its entries, whatever its limit, in answers as large as it gives."""
    served = server.stats()["logs"][name]
    assert 1 <= served["entries"] / ENTRIES <= 1.05
    assert served["endpoints"]["get-entries"] <= 2 * ENTRIES / MAX_ENTRIES[name]
    assert served["statuses"].keys() == {"200"}


@pytest.mark.usefixtures("server")
def test_both_friends_have_their_share(fleet: Fleet) -> None:
    """The status names the friends' workers, running, and the entries of all of them add up to what is done."""
    document = orjson.loads(fleet.command("status", "--json"))
    workers = {worker["friend"]: worker for worker in document["workers"]}
    assert workers.keys() == {"alice", "bob"}
    assert all(worker["running"] and worker["entries"] > 0 for worker in workers.values())
    assert sum(worker["entries"] for worker in workers.values()) == document["totals"]["done"]


@pytest.mark.skipif(sys.platform != "linux", reason="peaks of memory are read in /proc")
@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("friend", ["alice", "bob"])
def test_a_worker_stays_small(fleet: Fleet, friend: str) -> None:
    """A friend's worker has never taken more than 150 MB."""
    status = Path(f"/proc/{fleet.parts[friend].pid}/status").read_text()
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    assert peak is not None
    assert int(peak[1]) * 1024 < WORKER_MAX_BYTES


@pytest.mark.usefixtures("server")
def test_a_friends_worker_never_loads_sql(fleet: Fleet) -> None:
    """After its work a friend's worker has imported neither SQLAlchemy nor Flask; the coordinator's has SQLAlchemy."""
    loaded = {
        name: set(re.findall(r"^import time:[\s\d|]+\|\s*(\w+)", fleet.parts[name].output(), re.MULTILINE))
        for name in ("alice", "bob", "coordinator")
    }
    assert {"sqlalchemy", "pymysql"} <= loaded["coordinator"]
    for friend in ("alice", "bob"):
        assert "requests" in loaded[friend]
        assert loaded[friend].isdisjoint({"sqlalchemy", "alembic", "pymysql", "flask", "webapp"})


def test_an_altered_entry_is_found_out_and_fetched_again(fleet: Fleet) -> None:
    """A .jp entry with one bit flipped fails its audit; its delivery alone is read again, in the end all is true."""
    log = LocalLog.generate("altered", 5000, seed=4, operator="TrustAsia")
    index = next(i for i in jp_indices(log) if b".jp" in log.entries[i].leaf_input)
    byte = log.entries[index].leaf_input.index(b".jp") - 1
    rule = Rule("alter", next=1, index=index, byte=byte)
    with LocalLogServer([log], faults=Faults(rule)) as server:
        fleet.start_worker("carol", "trustasia")
        fleet.want(server)
        fleet.wait_for("altered", "verified", 5000)
        assert 5000 < server.stats()["entries"] < 2 * 5000
    assert "a part of altered is fetched again" in fleet.parts["coordinator"].output()
    assert fleet.sighted("altered") == jp_indices(log)
    assert fleet.log("altered")["certificates"] == len({log.truth[i].issuance for i in jp_indices(log)})


def test_recorded_entries_of_public_logs(fleet: Fleet, shared_data: Path) -> None:
    """Real entries are verified, and the sightings are those whose certificate `cryptography` sees a .jp name in."""
    recorded = tile_entries(shared_data / "static-ct/navigli2025h2")
    recorded += answered_entries(shared_data / "responses/ctgo")
    recorded += certificate_entries(shared_data / "certs-jp")
    recorded.sort(key=lambda each: each.leaf_input[2:10])  # by timestamp, as they come into a log
    log = LocalLog.from_entries("recorded", [(each.leaf_input, each.extra_data) for each in recorded], seed=5)
    with LocalLogServer([log]) as server:
        fleet.want(server)
        fleet.wait_for("recorded", "verified", len(recorded))
    known = {index for index, each in enumerate(recorded) if holds_jp(each.certificate)}
    assert len(recorded) > 1024
    assert len(known) > 5
    assert fleet.sighted("recorded") == known
    assert fleet.log("recorded")["malformed"] == 0
