"""The end of a demo: the report from what it has collected, and whether the renewal scenarios stand in it as they must.

Needs the extra ``ctcollect[analysis]``.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ctcollect.analysis_data import Dataset, open_export
from ctcollect.export import export
from ctcollect.fleet.scenario_check import Checked, check_scenarios
from ctcollect.report.run import Order, make_report
from ctcollect.store import Store


class DemoReport(NamedTuple):
    """``directory`` holds the report; ``checked`` is None where the logs hold no scenarios."""

    directory: Path
    checked: Checked | None


def report_on(store: Store, data_dir: Path, with_scenarios: bool) -> DemoReport:
    """Write the report into ``data_dir``/reports, as ``ctcollect report`` does, and look at it."""
    with TemporaryDirectory(prefix="ctcollect-demo-", dir=data_dir) as folder:
        exported = Path(folder, "export")
        export(store, exported)

        def opened() -> AbstractContextManager[Dataset]:
            return open_export(exported, Path(folder))

        made = make_report(opened, None, data_dir / "reports", Order(), lambda _progress: None)
        if not with_scenarios:
            return DemoReport(made.directory, None)
        with opened() as dataset:
            return DemoReport(made.directory, check_scenarios(made.directory / "lineages.csv", dataset))
