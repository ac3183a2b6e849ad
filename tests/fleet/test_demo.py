"""``ctcollect demo``: a whole fleet with nothing installed but the package."""

import re
from pathlib import Path

import pytest
import requests

from tests.services.processes import Process, ProcessGroup
from tests.services.programs import find_program

ENTRIES = 4000
SECONDS = 120


@pytest.fixture
def demo(processes: ProcessGroup, tmp_path: Path) -> Process:
    """It runs in an empty folder, where only what is installed can be found."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return processes.start([find_program("ctcollect"), *f"demo --exit --entries {ENTRIES} --port 0".split()], cwd=folder)


def test_the_demo_collects_all_and_says_so(demo: Process, tmp_path: Path) -> None:
    """Page and status answer while it runs; the end is status 0 and the figures, found and known alike."""
    page = demo.wait_for_line(r"watch it at (http://127\.0\.0\.1:\d+/)$", SECONDS)[1]
    document = demo.wait_until(lambda: fetch(f"{page}api/v1/status"), "the status", SECONDS).json()
    assert {"totals", "logs", "workers"} <= document.keys()
    html = requests.get(page, timeout=10)
    assert html.ok
    assert html.headers["Content-Type"].startswith("text/html")
    assert demo.wait(SECONDS) == 0, demo.tail()
    figures = dict(re.findall(r"^([a-z. A-Z]+): +(.+)$", demo.output(), re.MULTILINE))
    assert figures["entries read"] == f"{ENTRIES:,}"
    assert figures["ranges verified"] == "4 of 4"
    assert re.fullmatch(r"([\d,]+) of \1 that .* \(0 missing, 0 too many\)", figures[".jp entries found"])
    assert re.fullmatch(r"([1-9][\d,]*) of \1", figures[".jp certificates"])
    assert list((tmp_path / "elsewhere").iterdir()) == []


def fetch(url: str) -> requests.Response | None:
    """None while nobody listens there or it is not ready."""
    try:
        answer = requests.get(url, timeout=10)
    except requests.ConnectionError:
        return None
    return answer if answer.ok else None
