"""Reports that several tests look at; each is made once a run."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from ctcollect.analysis.coverage import TimeSpan
from ctcollect.analysis.issuance import Issuance
from ctcollect.analysis_data import open_database
from ctcollect.report import run
from ctcollect.report.exhibit import Exhibit
from ctcollect.report.plots.drawing import Picture, picture
from ctcollect.report.run import Order, make_report
from ctcollect.store import Store
from tests.cli.conftest import run as run_command
from tests.coordinator.pipeline import migrate
from tests.report.collection import ALWAYS, every_scenario, fill

COPIES = 3
Reporting = Callable[..., Path]

__all__ = ["run_command"]


class Drawn(NamedTuple):
    exhibit: Exhibit
    signature: str


class Report(NamedTuple):
    """A report, the database that it was made from, and what was drawn for it."""

    folder: Path
    store: Store
    drawn: list[Drawn]


def filled(folder: Path, certificates: Sequence[Issuance], verified: Sequence[TimeSpan] = ALWAYS) -> Store:
    """A new database with the certificates."""
    store = Store(f"sqlite:///{folder}/ct.sqlite")
    migrate(store)
    if certificates or verified:
        fill(store, certificates, verified)
    return store


def reported(store: Store, folder: Path, order: Order) -> Path:
    """The folder of a report that was made from a database."""
    return make_report(lambda: open_database(store, folder), folder / "report", folder, order, lambda _: None).directory


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    """Of every scenario in COPIES domains; no cell is hidden."""
    folder = tmp_path_factory.mktemp("report")
    store = filled(folder, every_scenario(COPIES))
    drawn: list[Drawn] = []

    def remembering(exhibit: Exhibit, say: object, signature: str) -> Picture:
        drawn.append(Drawn(exhibit, signature))
        return picture(exhibit, say, signature)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "picture", remembering)
        made = reported(store, folder, Order(min_domains=1))
    yield Report(made, store, drawn)
    store.close()
