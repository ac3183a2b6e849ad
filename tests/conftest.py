"""Fixtures of all tests: real servers, fresh databases, settings that point to them."""

import os
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser

from ctcollect import settings as environment
from tests.browser import chromium
from tests.services.mariadb import MariadbServer
from tests.services.processes import ProcessGroup
from tests.services.redis import RedisServer

# A busy machine is slow now and then: that is no fault of what is tested.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("house")


def pytest_configure() -> None:
    """SIGTERM ends the run as Ctrl-C does, with all fixtures torn down: no server is left behind.

    The programs that tests start keep their bytecode: some hundred of them would else compile the project anew.
    """
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("SIGTERM"))
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The run's only Chromium: a process can drive no second one beside it."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """The run's Redis; `broker_url` gives it empty and running to each test."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def mariadb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariadbServer]:
    """The run's MariaDB; `database_url` gives an empty database of it to each test."""
    with MariadbServer(tmp_path_factory.mktemp("mariadb")) as server:
        yield server


@pytest.fixture
def broker_url(redis_server: RedisServer) -> str:
    """Redis, running and empty, whatever the test before did to it."""
    redis_server.start()
    with redis_server.client() as client:
        client.flushall()
    return redis_server.url


@pytest.fixture
def mysql_url(mariadb_server: MariadbServer) -> Iterator[str]:
    """An empty MariaDB database, dropped after the test."""
    mariadb_server.start()
    name = f"test_{secrets.token_hex(4)}"
    yield mariadb_server.create_database(name)
    mariadb_server.start()
    mariadb_server.drop_database(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path}/ct.sqlite"


@pytest.fixture(params=["sqlite", "mysql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database; the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def settings(broker_url: str, database_url: str, tmp_path: Path) -> environment.Settings:
    """The test's own broker, database and data folder; logs on loopback are allowed."""
    variables = {
        "CTCOLLECT_BROKER_URL": broker_url,
        "CTCOLLECT_DATABASE_URL": database_url,
        "CTCOLLECT_DATA_DIR": str(tmp_path / "data"),
        "CTCOLLECT_ALLOW_LOCAL_LOGS": "1",
    }
    return environment.load(variables)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[ProcessGroup]:
    """Starts programs for a test and ends them after it; if the test failed, their last lines are shown."""
    with ProcessGroup(tmp_path) as group:
        yield group


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data from public logs, which the project does not carry: without it the test is skipped."""
    beside_checkout = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("CTCOLLECT_SHARED_DATA", beside_checkout))
    if not folder.is_dir():
        pytest.skip(f"no real data in {folder}")
    return folder
