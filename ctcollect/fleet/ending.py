"""How a demo ends where the extra ``ctcollect[analysis]`` is installed, and where it is not."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ctcollect.store import Store

if TYPE_CHECKING:
    from ctcollect.fleet.demo_report import DemoReport


class Ending(NamedTuple):
    """What is said at the end; ``is_right`` is False only if a renewal scenario is not as it must be."""

    text: str
    is_right: bool = True


def end(store: Store, data_dir: Path, why_no_scenarios: str | None = None) -> Ending:
    """The report below ``data_dir`` and what it says of the renewal scenarios, unless the logs hold none of them."""
    try:
        from ctcollect.fleet.demo_report import report_on
    except ModuleNotFoundError as error:
        return Ending(_line("report", f"none, it needs {error.name}: pip install 'ctcollect[analysis]'"))
    return _told(report_on(store, data_dir, why_no_scenarios is None), why_no_scenarios)


def _told(report: "DemoReport", why_no_scenarios: str | None) -> Ending:
    where, checked = _line("report", str(report.directory / "index.html")), report.checked
    if checked is None:
        return Ending(f"{where}\n{_line('renewal scenarios', f'none, {why_no_scenarios}')}")
    found = _line("renewal scenarios", f"{checked.as_expected} of {checked.scenarios} as expected")
    return Ending("\n".join((where, found, *checked.wrong)), not checked.wrong)


def _line(name: str, value: str) -> str:
    """As the lines of DemoResult.text()."""
    return f"{name + ':':<24}{value}"
