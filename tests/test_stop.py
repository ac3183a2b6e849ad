"""A Stop ends at once whatever a thread waits for."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from ctcollect.client import Http
from ctcollect.collect import Collector
from ctcollect.errors import CtcollectError, OutOfTime
from ctcollect.harvest import Harvest, Order
from ctcollect.local_log import Faults, LocalLog, LocalLogServer, Rule
from ctcollect.pace import Gate, Pace
from ctcollect.readers.rfc6962 import Rfc6962Reader
from ctcollect.settings import Settings
from ctcollect.stop import Stop
from tests.raw_server import RawServer

LOCAL = Settings(allow_local_logs=True)
AT_ONCE_SECONDS = 0.5
# By then the pauses after failures are longer than that.
WHILE_SECONDS = 0.8
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


@contextmanager
def hanging_server(pieces: list[bytes]) -> Iterator[str]:
    """The url of a log that sends these bytes of each answer, and then nothing more."""
    released = threading.Event()

    def answer(path: str) -> Iterator[bytes]:
        yield from pieces
        released.wait()

    with RawServer(answer) as server:
        yield server.url
        released.set()


@contextmanager
def silent_port(scheme: str, waiting: int) -> Iterator[str]:
    """The url of a port where ``waiting`` connections stand in line already, and nobody is ever served."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(waiting):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        time.sleep(0.1)
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/log/"


def outcome_when_stopped(read: Callable[[], object], stop: Stop) -> tuple[CtcollectError | None, float]:
    """What ``read`` raises when it is stopped after a while, and how many seconds after that."""
    caught: list[CtcollectError] = []

    def run() -> None:
        try:
            read()
        except CtcollectError as error:
            caught.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(WHILE_SECONDS)
    assert thread.is_alive(), "it does not wait for anything"
    started = time.monotonic()
    stop.set()
    thread.join(10)
    return next(iter(caught), None), time.monotonic() - started


HANGS = {
    "connect": lambda: silent_port("http", waiting=4),
    "handshake": lambda: silent_port("https", waiting=0),
    "first byte": lambda: hanging_server([]),
    "rest of the body": lambda: hanging_server([HEAD, b"x" * 10]),
}


@pytest.mark.parametrize("where", HANGS)
def test_a_request_in_flight_is_broken_off(where: str) -> None:
    """Wherever it hangs: OutOfTime at once, which no log is blamed for."""
    stop = Stop()
    with HANGS[where]() as url:
        http = Http(LOCAL, Gate([Pace(1e5, 1e5)]), stop)
        error, seconds = outcome_when_stopped(lambda: Rfc6962Reader(url, http).entries(0, 32), stop)
        http.close()
    assert isinstance(error, OutOfTime)
    assert seconds < AT_ONCE_SECONDS


def order(server: LocalLogServer) -> Order:
    log = server.logs["demo"]
    return Order(log.log_id_hex, "demo", server.log_url("demo"), "rfc6962", "google", 0, 1024, 32)


@pytest.mark.parametrize(
    "rule",
    [
        Rule("slow", probability=1, seconds=30, endpoint="get-entries"),
        Rule("throttle", probability=1, retry_after=30, endpoint="get-entries"),
        Rule("reset", probability=1, endpoint="get-entries"),
    ],
)
def test_an_order_ends_with_the_units_that_are_there(rule: Rule) -> None:
    """Also in the pause that a host has asked for, or after a failure: the last harvest is whole, says OutOfTime."""
    stop = Stop()
    collector = Collector(replace(LOCAL, pace_ceiling_per_second=20), stop)
    harvests: list[Harvest] = []
    with LocalLogServer([LocalLog.generate("demo", 1024, 3)]) as server:
        faults = threading.Timer(0.15, lambda: setattr(server, "faults", Faults(rule)))
        faults.start()
        _, seconds = outcome_when_stopped(lambda: harvests.extend(collector.collect(order(server))), stop)
        faults.join()
    assert seconds < AT_ONCE_SECONDS
    (harvest,) = harvests
    harvest.check()
    assert (harvest.last, harvest.fault_kind) == (True, "OutOfTime")
    assert 0 < harvest.end < 1024


def test_a_stop_that_was_set_before_lets_nothing_begin() -> None:
    """No request is sent, and no pause is made any more; a second word changes nothing."""
    stop = Stop()
    stop.set()
    stop.set()
    with LocalLogServer([LocalLog.generate("demo", 1024, 3)]) as server:
        started = time.monotonic()
        (harvest,) = Collector(LOCAL, stop).collect(order(server))
        assert stop.wait(60)
        assert time.monotonic() - started < AT_ONCE_SECONDS
        assert server.stats()["requests"] == 0
    assert (len(harvest.span), harvest.last, harvest.fault_kind) == (0, True, "OutOfTime")


def test_closed_connections_are_forgotten() -> None:
    """A worker that runs for months keeps no handle of a connection that is gone."""
    stop = Stop()
    with LocalLogServer([LocalLog.generate("demo", 64, 3)]) as server:
        for _ in range(3):
            http = Http(LOCAL, Gate([Pace(1e5, 1e5)]), stop)
            Rfc6962Reader(server.log_url("demo"), http).entries(0, 32)
            http.close()
    assert stop.watched == 0
