"""docker-compose.yml does what it says: each service's own command, environment and health check, without Docker."""

import base64
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import orjson
import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ctcollect.health import BEAT_EVERY_SECONDS
from tests.fleet.composed import COMPOSE_FILE, ROOT, ComposedFleet
from tests.services.compose import services
from tests.services.processes import wait_until

ENTRIES, LOGS = 500, 4
COLLECT_SECONDS = 60
WORKER_END_SECONDS = 5.0
PASSWORD, FLOWER_PASSWORD = "on-this-machine-only", "for-Flower"
HASTE = {"CTCOLLECT_FEED_EVERY_SECONDS": "0.5", "CTCOLLECT_AUDIT_EVERY_SECONDS": "1"}
HEARTBEATS = ("coordinator", "beat", "worker", "worker-2")


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposedFleet]:
    """`docker compose up --scale worker=2` without an .env file, but for haste, little work and Flower."""
    variables = {"LOCAL_LOG_ENTRIES": str(ENTRIES), "MYSQL_BUFFER_POOL": "64M", "FLOWER_PASSWORD": FLOWER_PASSWORD}
    variables |= HASTE
    with ComposedFleet(tmp_path_factory.mktemp("compose"), variables) as fleet:
        fleet.up()
        yield fleet


def broker(fleet: ComposedFleet, password: str = PASSWORD) -> redis.Redis:
    return redis.Redis(port=int(fleet.ports["6379"]), password=password, decode_responses=True)


def status(fleet: ComposedFleet) -> dict[str, Any]:
    """The status document, from the page's service."""
    with urlopen(f"http://127.0.0.1:{fleet.ports['8000']}/api/v1/status", timeout=10) as answer:
        document: dict[str, Any] = orjson.loads(answer.read())
    return document


def put_certificate(folder: Path) -> None:
    """A certificate for 127.0.0.1 that has signed itself, and its key, as redis.pem and redis-key.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker")]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    folder.mkdir(parents=True)
    (folder / "redis.pem").write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    (folder / "redis-key.pem").write_bytes(private)


def flower_status(fleet: ComposedFleet, port: str, user: str = "") -> int:
    """What is answered below Flower's path, with or without a user, at the page's port or Flower's own."""
    request = Request(f"http://127.0.0.1:{fleet.ports[port]}/flower/workers")
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


def test_flower_is_at_the_pages_address_and_has_a_password(fleet: ComposedFleet) -> None:
    """Below /flower, for the user of .env alone, who can do there what its own port would let him do."""
    for port in ("8000", "5555"):
        assert flower_status(fleet, port) == 401
        assert flower_status(fleet, port, f"admin:{PASSWORD}") == 401
        assert flower_status(fleet, port, f"admin:{FLOWER_PASSWORD}") == 200


def test_without_its_broker_nobody_is_at_work(fleet: ComposedFleet) -> None:
    """Heartbeats end with Redis, although the processes wait; with Redis they come back, and friends' accounts too."""
    with broker(fleet) as client:
        client.execute_command("ACL", "SETUSER", "alice", "on", "nopass", "+ping")
        client.execute_command("ACL", "SAVE")
    service = fleet.kill("redis")
    time.sleep(BEAT_EVERY_SECONDS)  # until each has noticed
    before = {name: fleet.containers[name].heartbeat_at for name in HEARTBEATS}
    time.sleep(2 * BEAT_EVERY_SECONDS)
    assert {name: fleet.containers[name].heartbeat_at for name in HEARTBEATS} == before
    fleet.start(service).wait_until_healthy()
    with broker(fleet) as client:
        assert set(client.acl_users()) == {"alice", "default"}
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


def test_redis_asks_for_the_password_of_the_env_file(tmp_path: Path) -> None:
    """A new one takes the place of the old one, with which the service is unhealthy."""
    for password, wrong in (("first", "second"), ("second", "first")):
        with ComposedFleet(tmp_path, {"REDIS_PASSWORD": password}) as fleet:
            container = fleet.start(fleet.services["redis"])
            container.wait_until_healthy()
            container.environment["REDISCLI_AUTH"] = wrong
            assert not container.is_healthy()


def test_friends_reach_the_broker_by_tls(tmp_path: Path) -> None:
    """docker-compose.friends.yml: its port speaks TLS with the certificate of ./tls, and nothing else."""
    tls = tmp_path / "volumes" / "tls"
    put_certificate(tls)
    with ComposedFleet(tmp_path, {}, (ROOT / "docker-compose.friends.yml").read_text()) as fleet:
        fleet.start(fleet.services["redis"]).wait_until_healthy()
        address = f":{PASSWORD}@localhost:{fleet.ports['6380']}"
        with redis.Redis.from_url(f"rediss://{address}?ssl_ca_certs={tls}/redis.pem") as client:
            assert client.ping()
        with redis.Redis.from_url(f"redis://{address}") as plain, pytest.raises(redis.ConnectionError):
            plain.ping()
        assert fleet.services["redis"].document["ports"] == ["6380:6380"]
