"""The page's server as `ctcollect up` and the demo start it, and one who listens to its live updates."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from ctcollect.fleet import commands
from tests.services.processes import Process, ProcessGroup, free_port, wait_until

ROOT = Path(__file__).parents[2]
# So long that nobody who is still there at the end can be overlooked.
PATIENCE_SECONDS = 20
Message = dict[str, str]


def start_web(processes: ProcessGroup, database_url: str) -> tuple[Process, str]:
    """gunicorn on a database, as soon as it takes connections, and its address."""
    port = free_port()
    variables = {"CTCOLLECT_DATABASE_URL": database_url}
    variables["GUNICORN_CMD_ARGS"] = f"--graceful-timeout {PATIENCE_SECONDS}"
    process = processes.start(commands.web(port), variables, ROOT)
    wait_until(lambda: _takes_connections(port), "the server")
    return process, f"http://127.0.0.1:{port}"


def _takes_connections(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def listening(address: str, told: str | None = None) -> Iterator[Iterator[Message]]:
    """The messages of /api/v1/events, for one who was told a version."""
    headers = {"Last-Event-ID": told} if told else {}
    with urlopen(Request(f"{address}/api/v1/events", headers=headers), timeout=20) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Cache-Control"] == "no-store"
        yield _messages(answer)


def _messages(lines: Any) -> Iterator[Message]:
    message: Message = {}
    for line in lines:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            message[name] = value
        else:
            yield message
            message = {}
