"""The environment as settings."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from ctcollect import settings
from ctcollect.errors import ConfigurationError


def test_an_empty_environment_gives_the_defaults_of_the_contract() -> None:
    """Without any variable: a local Redis and a local MariaDB, and no logs on private addresses."""
    defaults = settings.load({})
    assert defaults.broker_url == "redis://127.0.0.1:6379/0"
    assert defaults.database_url == "mysql+pymysql://root@127.0.0.1:3306/ct"
    assert defaults.allow_local_logs is False


def test_each_kind_of_value_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts, paths (with ~), whole numbers, numbers and switches come in the field's type."""
    monkeypatch.setenv("HOME", "/home/alice")
    variables = {
        "CTCOLLECT_CONTACT": "alice@example.jp",
        "CTCOLLECT_DATA_DIR": "~/ct",
        "CTCOLLECT_LANE_CONCURRENCY": "3",
        "CTCOLLECT_TASK_SECONDS": "2.5",
        "CTCOLLECT_ALLOW_LOCAL_LOGS": " Yes ",
        "CONTACT": "of something else",
    }
    loaded = settings.load(variables)
    assert loaded.contact == "alice@example.jp"
    assert loaded.data_dir == Path("/home/alice/ct")
    assert loaded.lane_concurrency == 3
    assert loaded.task_seconds == 2.5
    assert loaded.allow_local_logs is True
    assert loaded.lease_seconds == settings.Settings().lease_seconds


def test_without_an_argument_the_process_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """load() reads the variables of this process, and XDG_DATA_HOME for where data goes."""
    monkeypatch.setenv("CTCOLLECT_CONTACT", "alice@example.jp")
    monkeypatch.delenv("CTCOLLECT_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/alice/data")
    loaded = settings.load()
    assert (loaded.contact, loaded.data_dir) == ("alice@example.jp", Path("/home/alice/data/ctcollect"))


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("CTCOLLECT_ALLOW_LOCAL_LOGS", "perhaps"),
        ("CTCOLLECT_LANE_CONCURRENCY", "2.5"),
        ("CTCOLLECT_LANE_CONCURRENCY", "-1"),
        ("CTCOLLECT_LANE_CONCURRENCY", ""),
        ("CTCOLLECT_TASK_SECONDS", "soon"),
        ("CTCOLLECT_TASK_SECONDS", "nan"),
        ("CTCOLLECT_TASK_SECONDS", "inf"),
        ("CTCOLLECT_DATA_DIR", "~nobody-of-this-name/ct"),
    ],
)
def test_a_wrong_value_is_named_in_one_line(variable: str, text: str) -> None:
    """What does not fit its field gives one line: the variable, the value and what to write."""
    with pytest.raises(ConfigurationError) as caught:
        settings.load({variable: text})
    message = str(caught.value)
    assert message.startswith(f"{variable} is {text!r}: write ")
    assert "\n" not in message


def test_settings_do_not_change() -> None:
    """Nobody can change the settings of the others."""
    with pytest.raises(FrozenInstanceError):
        settings.load({}).contact = "mallory"  # type: ignore[misc]
