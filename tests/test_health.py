"""The health check, as Docker runs it, but for the heartbeats of real workers (tests/fleet/test_compose.py)."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ctcollect import health
from ctcollect.local_log import LocalLog, LocalLogServer

HEAVY = {"celery", "click", "kombu", "requests", "sqlalchemy", "flask", "cryptography"}


@pytest.mark.parametrize(("age_seconds", "status", "words"), [(5, 0, "at work"), (90, 1, "for 90 s"), (None, 1, "yet")])
def test_a_heartbeat_must_be_young(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    age_seconds: float | None,
    status: int,
    words: str,
) -> None:
    """Touched a moment ago: healthy; a minute and a half ago, or never: unhealthy, with one line that says so."""
    file = tmp_path / "heartbeat"
    monkeypatch.setenv("CTCOLLECT_HEARTBEAT_FILE", str(file))
    if age_seconds is not None:
        health.beat()
        os.utime(file, (time.time() - age_seconds,) * 2)
    assert health.main([]) == status
    assert words in capsys.readouterr().out


def test_without_a_wish_there_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker outside a container touches nothing; one that can't write its file works on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CTCOLLECT_HEARTBEAT_FILE", raising=False)
    health.beat()
    assert list(tmp_path.iterdir()) == []
    assert health.main([]) == 1
    monkeypatch.setenv("CTCOLLECT_HEARTBEAT_FILE", str(tmp_path / "absent" / "heartbeat"))
    health.beat()


def test_a_server_must_answer_well(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """200 is healthy; 404 and a closed port are not; a proxy of the environment is not asked."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with LocalLogServer([LocalLog.generate("one", 4, seed=1)]) as server:
        assert health.main([f"{server.url}stats"]) == 0
        assert health.main([f"{server.url}nowhere"]) == 1
    assert health.main([f"{server.url}stats"]) == 1
    assert "answers 404" in capsys.readouterr().out


def test_a_wrong_setting_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One line instead of a traceback."""
    monkeypatch.setenv("CTCOLLECT_TASK_SECONDS", "soon")
    assert health.main([]) == 1
    assert "CTCOLLECT_TASK_SECONDS" in capsys.readouterr().out


def test_the_check_is_light() -> None:
    """It runs twice a minute in every container, so it loads nothing that a worker needs for its work."""
    program = "import sys, ctcollect.health; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert HEAVY.isdisjoint(loaded)
