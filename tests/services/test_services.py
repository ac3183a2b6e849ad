"""The tests' own servers and processes, on which all other tests with the real thing rely."""

import signal
import socket
import sys
from pathlib import Path

import pytest
import redis
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from ctcollect.settings import Settings
from tests.services.mariadb import MariadbServer
from tests.services.processes import ProcessGroup, wait_until
from tests.services.redis import RedisServer

# A program with a child that would outlive it and that alone holds the listening socket, a sign of life.
PARENT = """
import signal, socket, subprocess, sys
if "stubborn" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
with socket.create_server(("127.0.0.1", 0)) as held:
    subprocess.Popen(["sleep", "600"], pass_fds=[held.fileno()])
    port = held.getsockname()[1]
print("child holds", port)
signal.pause()
"""


def is_held(port: int) -> bool:
    """Whether somebody listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_redis_keeps_what_it_said_it_has(redis_server: RedisServer, broker_url: str) -> None:
    """An answered write is there after kill -9 and after a stop; restart(keep_data=False) loses it."""
    with redis.Redis.from_url(broker_url) as client:
        client.set("key", "value")
        redis_server.kill()
        with pytest.raises(redis.ConnectionError):
            client.ping()
        redis_server.start()
        assert client.get("key") == b"value"
        redis_server.restart()
        assert client.get("key") == b"value"
        redis_server.restart(keep_data=False)
        assert client.dbsize() == 0


def test_mariadb_keeps_its_databases_over_a_crash(mariadb_server: MariadbServer, mysql_url: str) -> None:
    """What was committed before kill -9 is there when the server is back, at the same address."""
    engine = create_engine(mysql_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (id INT PRIMARY KEY) ENGINE=InnoDB"))
        connection.execute(text("INSERT INTO kept VALUES (7)"))
    mariadb_server.kill()
    mariadb_server.start()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id FROM kept")).scalar_one() == 7


def test_a_forgotten_transaction_does_not_hold_up_the_drop(mariadb_server: MariadbServer) -> None:
    """A database is dropped although a connection still holds a lock on one of its tables."""
    engine = create_engine(mariadb_server.create_database("forgotten"))
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE locked (id INT PRIMARY KEY)"))
        connection.execute(text("INSERT INTO locked VALUES (1)"))
        mariadb_server.drop_database("forgotten")
        connection.invalidate()
    engine.dispose()
    assert mariadb_server.create_database("forgotten").endswith("/forgotten")
    mariadb_server.drop_database("forgotten")


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_finds_everything_empty(settings: Settings, turn: int) -> None:
    """Broker, database and data folder hold nothing of the test before, on SQLite and on MariaDB."""
    engine = create_engine(settings.database_url)
    with redis.Redis.from_url(settings.broker_url) as broker:
        assert broker.dbsize() == 0
        broker.set("turn", turn)
    assert inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE turn (id INT PRIMARY KEY)"))
    engine.dispose()
    assert not settings.data_dir.exists()
    assert settings.allow_local_logs


@pytest.mark.parametrize(("manner", "status"), [("gentle", -signal.SIGTERM), ("stubborn", -signal.SIGKILL)])
def test_no_process_outlives_its_group(tmp_path: Path, manner: str, status: int) -> None:
    """A process and its child are ended with the block, also when SIGTERM is ignored."""
    with ProcessGroup(tmp_path) as group:
        process = group.start([sys.executable, "-c", PARENT, manner])
        port = int(process.wait_for_line(r"^child holds (\d+)$")[1])
        assert is_held(port)
        if manner == "stubborn":
            process.terminate(timeout_seconds=0.2)
    assert process.returncode == status
    wait_until(lambda: not is_held(port), "the end of the child")


def test_processes_are_ended_when_the_test_fails(tmp_path: Path) -> None:
    """An error inside the block ends the processes and goes on to the test."""
    group = ProcessGroup(tmp_path)
    process = group.start([sys.executable, "-c", PARENT])
    process.wait_for_line("child holds")
    with pytest.raises(ZeroDivisionError), group:
        raise ZeroDivisionError
    assert process.returncode == -signal.SIGTERM


def test_a_process_that_ends_early_is_told_at_once(processes: ProcessGroup) -> None:
    """Waiting for a line of a program that has ended fails at once, with the program's last lines."""
    process = processes.start([sys.executable, "-c", "print('the cause'); raise SystemExit(3)"])
    with pytest.raises(AssertionError, match=r"has ended(.|\n)*exit status 3(.|\n)*the cause"):
        process.wait_for_line("ready", timeout_seconds=60)
    assert process.wait() == 3


def test_a_process_sees_only_the_settings_it_is_given(processes: ProcessGroup, monkeypatch: pytest.MonkeyPatch) -> None:
    """CTCOLLECT_ variables of the caller's shell stay outside; those given, and PATH, are there."""
    monkeypatch.setenv("CTCOLLECT_CONTACT", "of the shell")
    show = "import os; print(*sorted(n for n in os.environ if n.startswith('CTCOLLECT_') or n == 'PATH'))"
    process = processes.start([sys.executable, "-c", show], {"CTCOLLECT_DATA_DIR": "here"})
    assert process.wait() == 0
    assert process.output() == "CTCOLLECT_DATA_DIR PATH\n"
