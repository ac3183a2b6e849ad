"""What a Celery process says, in a line, before it does anything wrong."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from ctcollect.store import Store, schema
from tests.services.processes import ProcessGroup

COORDINATOR = [
    sys.executable,
    "-m",
    "celery",
    "-A",
    "ctcollect",
    "worker",
    "-Q",
    "results,control",
    "-n",
    "coordinator@%h",
]


def said(processes: ProcessGroup, environment: dict[str, str]) -> str:
    """The lines of a coordinator's worker that ends by itself, without a traceback."""
    process = processes.start(COORDINATOR, environment)
    assert process.wait(30) == 1
    lines = [line for line in process.output().splitlines() if line.startswith("ctcollect: ")]
    assert "Traceback" not in process.output()
    assert len(lines) == 1
    return lines[0]


def test_a_setting_that_does_not_fit(processes: ProcessGroup) -> None:
    """The variable is named."""
    assert "CTCOLLECT_LEASE_SECONDS" in said(processes, {"CTCOLLECT_LEASE_SECONDS": "soon"})


@pytest.mark.parametrize(("revision", "advice"), [("0001", "ctcollect db upgrade"), ("9999", "newer version")])
def test_a_database_of_another_version(
    processes: ProcessGroup, broker_url: str, tmp_path: Path, revision: str, advice: str
) -> None:
    """An older one is to be upgraded, a newer one needs a newer ctcollect; nothing is recorded in either."""
    store = Store(f"sqlite:///{tmp_path}/ct.sqlite")
    schema.upgrade(store)
    with store.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    environment = {
        "CTCOLLECT_BROKER_URL": broker_url,
        "CTCOLLECT_DATABASE_URL": f"sqlite:///{tmp_path}/ct.sqlite",
        "CTCOLLECT_DATA_DIR": str(tmp_path),
    }
    assert advice in said(processes, environment)


def test_a_data_folder_that_takes_nothing(processes: ProcessGroup, broker_url: str, tmp_path: Path) -> None:
    """The coordinator says which folder can't be written; what waits in the broker stays there."""
    (tmp_path / "file").touch()
    environment = {
        "CTCOLLECT_BROKER_URL": broker_url,
        "CTCOLLECT_DATABASE_URL": f"sqlite:///{tmp_path}/ct.sqlite",
        "CTCOLLECT_DATA_DIR": str(tmp_path / "file"),
    }
    schema.upgrade(Store(environment["CTCOLLECT_DATABASE_URL"]))
    line = said(processes, environment)
    assert str(tmp_path / "file") in line
    assert "can't be written" in line
