"""A small generated log with many of everything, and a client that talks to a server of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import requests

from ctcollect.local_log import LocalLog, LocalLogServer

SEED = 7
NAME = "demo-google"


class Client:
    """HTTP on one connection, as a reader of the log ``NAME`` would use it."""

    def __init__(self, server: LocalLogServer, session: requests.Session) -> None:
        self.server = server
        self.session = session

    def get(self, endpoint: str, **query: Any) -> requests.Response:
        address = f"{self.server.log_url(NAME)}ct/v1/{endpoint}"
        return self.session.get(address, params=query, timeout=5)

    def json(self, endpoint: str, **query: Any) -> Any:
        answer = self.get(endpoint, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()


Connect = Callable[..., AbstractContextManager[Client]]


@pytest.fixture(scope="session")
def log() -> LocalLog:
    return LocalLog.generate(NAME, 1500, SEED, jp_share=0.3, near_miss_share=0.2, odd_share=0.1)


@pytest.fixture
def connect(log: LocalLog) -> Connect:
    """Starts a server with the options given and connects to it."""

    @contextmanager
    def connected(*logs: LocalLog, **options: Any) -> Iterator[Client]:
        with LocalLogServer(logs or [log], **options) as server, requests.Session() as session:
            yield Client(server, session)

    return connected


@pytest.fixture
def client(connect: Connect) -> Iterator[Client]:
    with connect(max_entries=32) as client:
        yield client
