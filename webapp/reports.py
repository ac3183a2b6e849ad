"""The reports that `ctcollect report --out DIR` left in the folder ``reports`` of the data folder."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

FOLDER = "reports"
INDEX, ABOUT = "index.html", "report.json"
PICTURES = (".svg", ".png")
FIELDS = ("data_as_of", "made_at", "version", "title")


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its folder's name, what its report.json says, and the names of its other files, by name.

    ``data_as_of`` and ``made_at`` are times in ISO 8601.
    """

    name: str
    data_as_of: str
    made_at: str
    version: str
    title: str
    files: tuple[str, ...]

    @property
    def pictures(self) -> list[str]:
        return [file for file in self.files if file.endswith(PICTURES)]


def reports_in(folder: Path) -> list[Report]:
    """The finished reports below ``folder``, those of the newest data first; none when it does not exist."""
    return sorted(_reports(folder), key=lambda report: (report.data_as_of, report.made_at, report.name), reverse=True)


def _reports(folder: Path) -> Iterator[Report]:
    for path in folder.iterdir() if folder.is_dir() else ():
        about = _about(path / ABOUT)
        if about and (path / INDEX).is_file() and not path.name.startswith("."):
            yield Report(path.name, **about, files=_files(path))


def _about(path: Path) -> dict[str, str] | None:
    """The fields of a report.json; None while there is none, or for what is none."""
    try:
        told = json.loads(path.read_bytes())
        about = {name: str(told[name]) for name in FIELDS}
        moments = {name: datetime.fromisoformat(about[name]) for name in ("data_as_of", "made_at")}
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return about | {name: moment.isoformat() for name, moment in moments.items()}


def _files(folder: Path) -> tuple[str, ...]:
    names = (path.name for path in folder.iterdir() if path.is_file())
    return tuple(sorted(name for name in names if name not in (INDEX, ABOUT) and not name.startswith(".")))
