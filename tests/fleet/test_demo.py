"""``ctcollect demo``: a whole fleet with nothing installed but the package."""

import re
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from tests.services.processes import Process, ProcessGroup, wait_until
from tests.services.programs import find_program

ENTRIES = 4000
SECONDS = 120


Demo = Callable[..., Process]


@pytest.fixture
def demo(processes: ProcessGroup, tmp_path: Path) -> Demo:
    """Starts one in an empty folder, where only what is installed can be found."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return lambda *options: processes.start([find_program("ctcollect"), "demo", "--port", "0", *options], cwd=folder)


def page_of(process: Process) -> str:
    """The address that it tells once the fleet is at work."""
    return process.wait_for_line(r"watch it at (http://127\.0\.0\.1:\d+/)$", SECONDS)[1]


def test_the_demo_collects_all_and_says_so(demo: Demo, tmp_path: Path) -> None:
    """Page and status answer while it runs; the end is status 0 and the figures, found and known alike.

    Then the report, in which the renewal scenarios stand as they must.
    """
    process = demo("--exit", "--entries", str(ENTRIES))
    page = page_of(process)
    document = process.wait_until(lambda: fetch(f"{page}api/v1/status"), "the status", SECONDS).json()
    assert {"totals", "logs", "workers"} <= document.keys()
    html = requests.get(page, timeout=10)
    assert html.ok
    assert html.headers["Content-Type"].startswith("text/html")
    assert process.wait(SECONDS) == 0, process.tail()
    figures = dict(re.findall(r"^([a-z. A-Z]+): +(.+)$", process.output(), re.MULTILINE))
    assert figures["entries read"] == f"{ENTRIES:,}"
    assert figures["ranges verified"] == "4 of 4"
    assert re.fullmatch(r"([\d,]+) of \1 that .* \(0 missing, 0 too many\)", figures[".jp entries found"])
    assert re.fullmatch(r"([1-9][\d,]*) of \1", figures[".jp certificates"])
    assert figures["renewal scenarios"] == "16 of 16 as expected"
    assert figures["report"].endswith("index.html")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_demo_that_is_told_to_stop_takes_all_its_parts_along(demo: Demo, tmp_path: Path) -> None:
    """SIGTERM ends it in seconds and one line; page and Redis are gone, the named folder stays."""
    process = demo("--entries", "12000", "--dir", str(tmp_path / "kept"))
    page_port = int(page_of(process).rstrip("/").rpartition(":")[2])
    redis_port = int(re.findall(r"port=(\d+)", (tmp_path / "kept/output/redis.log").read_text())[0])
    wait_until(lambda: is_held(page_port), "the page")
    assert is_held(redis_port)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 130
    assert process.output().endswith("ctcollect: stopped\n")
    assert not is_held(page_port)
    assert not is_held(redis_port)
    assert (tmp_path / "kept/ct.sqlite").exists()


def is_held(port: int) -> bool:
    """Whether somebody listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def fetch(url: str) -> requests.Response | None:
    """None while nobody listens there or it is not ready."""
    try:
        answer = requests.get(url, timeout=10)
    except requests.ConnectionError:
        return None
    return answer if answer.ok else None
