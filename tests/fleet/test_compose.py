"""docker-compose.yml does what it says: each service's own command, environment and health check, without Docker."""

import base64
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson
import pytest

from ctcollect.health import BEAT_EVERY_SECONDS
from tests.fleet.composed import COMPOSE_FILE, ComposedFleet
from tests.services.compose import services
from tests.services.processes import wait_until

ENTRIES, LOGS = 500, 4
COLLECT_SECONDS = 60
WORKER_END_SECONDS = 5.0
HASTE = {"CTCOLLECT_FEED_EVERY_SECONDS": "0.5", "CTCOLLECT_AUDIT_EVERY_SECONDS": "1"}
HEARTBEATS = ("coordinator", "beat", "worker", "worker-2")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposedFleet]:
    """`docker compose up --scale worker=2` without an .env file, but for haste and little work."""
    variables = HASTE | {"LOCAL_LOG_ENTRIES": str(ENTRIES), "MYSQL_BUFFER_POOL": "64M"}
    with ComposedFleet(tmp_path_factory.mktemp("compose"), variables) as fleet:
        fleet.up()
        yield fleet


def status(fleet: ComposedFleet) -> dict[str, Any]:
    """The status document, from the page's service."""
    with urlopen(f"http://127.0.0.1:{fleet.ports['8000']}/api/v1/status", timeout=10) as answer:
        document: dict[str, Any] = orjson.loads(answer.read())
    return document


def flower_status(fleet: ComposedFleet, user: str = "") -> int:
    """What Flower answers below its own path, with or without a user."""
    request = Request(f"http://127.0.0.1:{fleet.ports['5555']}/flower/workers")
    if user:
        request.add_header("Authorization", "Basic " + base64.b64encode(user.encode()).decode())
    try:
        with urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code


def test_the_fleet_collects_the_local_log(fleet: ComposedFleet) -> None:
    """Out of the box: every service starts and is healthy, and all that the local log holds is verified."""
    # Two containers have two host names, so one friend may run both; two processes of one machine need two friends.
    of_bob = services(COMPOSE_FILE.read_text(), fleet.variables | {"FRIEND": "bob"})
    fleet.start(of_bob["worker"], "worker-2")
    for container in fleet.containers.values():
        if not container.service.runs_once:
            container.wait_until_healthy()
    wait_until(lambda: status(fleet)["totals"]["verified"] == ENTRIES * LOGS, "all verified", COLLECT_SECONDS)
    document = status(fleet)
    assert document["totals"]["certificates"] > 0
    assert {worker["friend"] for worker in document["workers"] if worker["running"]} == {"alice", "bob"}


def test_flower_has_a_path_of_its_own_and_a_password(fleet: ComposedFleet) -> None:
    """Below /flower, for the user of .env alone."""
    assert flower_status(fleet) == 401
    assert flower_status(fleet, "admin:on-this-machine-only") == 200


def test_without_its_broker_nobody_is_at_work(fleet: ComposedFleet) -> None:
    """Heartbeats end with Redis, although the processes wait; with Redis they come back, users of its own with them."""
    redis = fleet.kill("redis")
    time.sleep(BEAT_EVERY_SECONDS)  # until each has noticed
    before = {name: fleet.containers[name].heartbeat_at for name in HEARTBEATS}
    time.sleep(2 * BEAT_EVERY_SECONDS)
    assert {name: fleet.containers[name].heartbeat_at for name in HEARTBEATS} == before
    fleet.start(redis).wait_until_healthy()
    for name in HEARTBEATS:
        container = fleet.containers[name]
        container.process.wait_until(lambda: container.heartbeat_at > before[name], "a heartbeat")  # noqa: B023


def test_every_service_stops_in_its_time(fleet: ComposedFleet) -> None:
    """`docker compose down`: those that others need last, each by its own stop signal, a worker within 5 s."""
    assert fleet.stop("worker-2") == 0
    for name, service in reversed(fleet.services.items()):
        started_at = time.monotonic()
        assert fleet.stop(name) == 0, name
        assert service.name != "worker" or time.monotonic() - started_at < WORKER_END_SECONDS
