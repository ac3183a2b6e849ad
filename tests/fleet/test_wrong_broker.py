"""A worker whose broker is not as it should be, over TLS or not: one calm line, status 1, within seconds."""

import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from ctcollect.certificate_authority import make_authority
from ctcollect.errors import ConfigurationError
from tests.fleet.fleet import Fleet
from tests.fleet.invited import CA, URL
from tests.services.processes import ProcessGroup, free_port, wait_until
from tests.services.programs import find_program
from tests.services.redis import RedisServer
from tests.services.tls_redis import TlsRedisServer

END_SECONDS = 20
WORKER = ["ctcollect", "worker", "--friend", "alice", "--queues", "google"]
CELERY = ["celery", "-A", "ctcollect", "--quiet", "worker", "-Q", "google", "-n", "alice@%h", "--loglevel", "warning"]


class Servers(NamedTuple):
    """One whose certificate is good, one with another host's name in it, one with an old one, one without TLS."""

    good: TlsRedisServer
    elsewhere: TlsRedisServer
    expired: TlsRedisServer
    plain: RedisServer


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with ExitStack() as stack:
        made = Servers(
            TlsRedisServer(tmp_path_factory.mktemp("good")),
            TlsRedisServer(tmp_path_factory.mktemp("elsewhere"), hosts=["broker.example.org"]),
            TlsRedisServer(tmp_path_factory.mktemp("expired"), days=0),
            RedisServer(tmp_path_factory.mktemp("plain")),
        )
        for server in made:
            stack.enter_context(server)
        yield made


WRONG = {
    "another CA": (lambda s: (s.good.url, s.elsewhere.ca), "certificate is refused"),
    "no CA": (lambda s: (s.good.url, ""), "certificate is refused"),
    "another host's certificate": (lambda s: (s.elsewhere.url, s.elsewhere.ca), "not valid for 'localhost'"),
    "an expired certificate": (lambda s: (s.expired.url, s.expired.ca), "has expired"),
    "a CA that is no file": (lambda s: (s.good.url, "/no/such/file"), "CTCOLLECT_BROKER_CA"),
    "a CA that is none": (lambda s: (s.good.url, __file__), "CTCOLLECT_BROKER_CA"),
    "options that undo TLS": (lambda s: (s.good.url + "?ssl_cert_reqs=none", s.good.ca), "CTCOLLECT_BROKER_CA"),
    "a wrong password": (lambda s: (s.plain.url.replace("://", "://alice:x@"), ""), "refuses the user or the password"),
    "no Redis": (lambda s: ("http://127.0.0.1/0", ""), "must be redis://"),
    "no port": (lambda s: ("redis://127.0.0.1:70000/0", ""), "can't be read"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("command", [WORKER, CELERY], ids=["ctcollect", "celery"])
def test_what_stays_wrong_ends_the_worker(
    processes: ProcessGroup, servers: Servers, tmp_path: Path, name: str, command: list[str]
) -> None:
    """By our command and by Celery's alike: the last line says what is wrong, and no password stands in it."""
    address, words = WRONG[name]
    url, ca = address(servers)
    variables = {"CTCOLLECT_BROKER_URL": url, "CTCOLLECT_BROKER_CA": ca, "CTCOLLECT_DATA_DIR": str(tmp_path)}
    process = processes.start([find_program(command[0]), *command[1:]], variables, tmp_path)
    assert process.wait(END_SECONDS) == 1
    *_, line = process.output().splitlines()
    assert line.startswith("ctcollect: ")
    assert words in line
    assert "Traceback" not in process.output()


@pytest.mark.parametrize("address", ["127.0.0.1:{}", "nowhere.invalid:{}"])
def test_a_broker_that_is_away_is_told_while_celery_waits(
    processes: ProcessGroup, tmp_path: Path, address: str
) -> None:
    """The plain command waits for it, as it does when the broker is started later, and says so again and again."""
    variables = {"CTCOLLECT_BROKER_URL": f"redis://{address.format(free_port())}/0"}
    process = processes.start([find_program("celery"), *CELERY[1:]], variables, tmp_path)
    process.wait_for_line("the broker does not answer: .*: waiting for it", END_SECONDS)
    process.wait_for_line("Trying again in", END_SECONDS)
    assert "Traceback" not in process.output()


def test_the_right_certificate(processes: ProcessGroup, servers: Servers, tmp_path: Path) -> None:
    """An invitation alone, which carries the CA, brings a worker to the broker."""
    variables = {"CTCOLLECT_BROKER_CA": servers.good.ca, "CTCOLLECT_PUBLIC_BROKER_URL": servers.good.url}
    with Fleet(tmp_path, servers.good.url, f"sqlite:///{tmp_path}/ct.sqlite", **variables) as fleet:
        text = fleet.command("friend", "add", "alice")
        url, ca = (pattern.search(text) for pattern in (URL, CA))
        assert url
        assert ca
        environment = {
            "CTCOLLECT_BROKER_URL": url[1],
            "CTCOLLECT_BROKER_CA": ca[1],
            "CTCOLLECT_DATA_DIR": str(tmp_path),
        }
        worker = processes.start([find_program("ctcollect"), *WORKER[1:]], environment, tmp_path)
        with servers.good.client() as client:
            wait_until(lambda: any(_waits(each) for each in client.client_list()), "alice at her queue")
        assert worker.terminate() == 0


def _waits(client: dict[str, str]) -> bool:
    return (client["user"], client["cmd"]) == ("alice", "brpop")


def test_the_files_of_an_authority(tmp_path: Path) -> None:
    """Keys are for their owner alone; what is there is never overwritten; a host that is none is told."""
    make_authority(tmp_path, ["broker.example.org", "2001:db8::1"])
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for path in tmp_path.glob("*-key.pem"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ConfigurationError, match="nothing is overwritten"):
        make_authority(tmp_path, ["broker.example.org"])
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files
    with pytest.raises(ConfigurationError, match="neither the name of a host"):
        make_authority(tmp_path / "new", ["böse host\n" * 40])
