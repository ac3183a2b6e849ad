"""docs/api.md is true: its commands are run, its addresses are those that exist."""

import json
import re
import shlex
import subprocess
from datetime import date
from pathlib import Path

import pytest

from ctcollect.settings import Settings
from ctcollect.store import Store
from tests.services.processes import ProcessGroup
from tests.services.programs import find_program
from tests.webapp.collection import add_certificate, add_day, add_small_collection
from tests.webapp.serving import ROOT, start_web
from webapp import gunicorn_settings
from webapp.api import ENDPOINTS

GUIDE = (ROOT / "docs" / "api.md").read_text()
SHOWN_ADDRESS = "http://127.0.0.1:8000"
OUT_OF_TIME = 28  # curl's status, in EXIT CODES of its manual


@pytest.fixture
def settings(sqlite_url: str) -> Settings:
    """What the guide shows does not depend on the database: one is enough."""
    return Settings(database_url=sqlite_url)


def commands_of(guide: str) -> list[list[str]]:
    """The words of every command in a block of code."""
    blocks = re.findall(r"^```sh\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def run(command: list[str], address: str, folder: Path) -> tuple[str, str]:
    """(status, what it printed) of a curl command, with the address of the guide replaced."""
    words = [word.replace(SHOWN_ADDRESS, address) for word in command[1:]]
    report = ["--silent", "--show-error", "--max-time", "2", "--write-out", "%{stderr}%{http_code}"]
    answer = subprocess.run([find_program("curl"), *report, *words], cwd=folder, capture_output=True, text=True)
    assert answer.returncode == (OUT_OF_TIME if words[-1].endswith("/events") else 0), answer.stderr
    return answer.stderr[-3:], answer.stdout


def test_every_command_of_the_guide_does_what_is_said(
    store: Store, settings: Settings, processes: ProcessGroup, tmp_path: Path
) -> None:
    """Each in turn against a running server: JSON, tables, a fault, an answer that is not sent again, events."""
    add_small_collection(store)
    add_day(store, date(2024, 2, 2), "xenon2023", 30, 20, 10)
    add_certificate(store, 1, "www.example.jp", "argon2024")
    _, address = start_web(processes, settings.database_url)
    answers = [run(command, address, tmp_path) for command in commands_of(GUIDE)]
    totals, log, days, certificates, certificate, timeline, page, _, _, fault, _, unchanged, events = answers
    assert [json.loads(answer[1])["done"] for answer in (totals, log)] == [2_500_000, 1_500_000]
    assert [len(json.loads(answer[1])) for answer in (days, certificates)] == [1, 1]
    assert json.loads(certificate[1])["sightings"][0]["log"] == "argon2024"
    assert json.loads(timeline[1])["domain"] == "www.example.jp"
    assert '</api/v1/daily?limit=1&next=2024-02-01%2Cargon2024>; rel="next"' in page[1]
    assert (tmp_path / "workers.csv").read_text().count("\n") == 3
    assert "argon2024,1500000,23456,11111" in (tmp_path / "daily.csv").read_text()
    assert (fault[0], json.loads(fault[1])) == ("400", {"error": "from is 'yesterday': write a day as 2024-01-31"})
    assert unchanged[0] == "304"
    assert "event: figures\n" in events[1]


def test_the_guide_names_every_address() -> None:
    """In its table, but for the description itself, and the room that there is for listeners."""
    shown = set(
        re.findall(r"`(/[\w/{}]+)`", re.sub("(NAME|NUMBER|DOMAIN)", lambda place: f"{{{place[1].lower()}}}", GUIDE))
    )
    named = {each.path for each in ENDPOINTS if not each.path.endswith((".csv", ".json", ".pem"))}
    assert named <= shown
    room = gunicorn_settings.threads - gunicorn_settings.THREADS_FOR_ANSWERS
    assert f"room for {room};" in GUIDE
