"""The reports that `ctcollect report --out DIR` left in the folder ``reports`` of the data folder."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

FOLDER = "reports"
INDEX, ABOUT = "index.html", "report.json"
PICTURES = (".svg", ".png")
FIELDS = ("data_as_of", "made_at", "version", "title")


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its folder's name, what its report.json says, and the paths of its other files in that folder, by name.

    ``data_as_of`` and ``made_at`` are times in ISO 8601; ``titles`` tells of files, by their paths, what they show.
    """

    name: str
    data_as_of: str
    made_at: str
    version: str
    title: str
    titles: Mapping[str, str]
    files: tuple[str, ...]

    @property
    def pictures(self) -> list[str]:
        """Each once, in the form that comes first in PICTURES, in the report's order; without titles all there are."""
        found: dict[str, str] = {}
        for form in reversed(PICTURES):
            found |= {str(PurePosixPath(file).with_suffix("")): file for file in self.files if file.endswith(form)}
        there = set(found.values())
        return [file for file in self.titles if file in there] if self.titles else sorted(there)


def reports_in(folder: Path) -> list[Report]:
    """The finished reports below ``folder``, those of the newest data first; none when it does not exist."""
    return sorted(_reports(folder), key=lambda report: (report.data_as_of, report.made_at, report.name), reverse=True)


def _reports(folder: Path) -> Iterator[Report]:
    for path in folder.iterdir() if folder.is_dir() else ():
        about = _about(path / ABOUT)
        if about and (path / INDEX).is_file() and not path.name.startswith("."):
            yield Report(path.name, **about, files=_files(path))


def _about(path: Path) -> dict[str, Any] | None:
    """The fields of a report.json; None while there is none, or for what is none."""
    try:
        told = json.loads(path.read_bytes())
        about = {name: str(told[name]) for name in FIELDS}
        moments = {name: datetime.fromisoformat(about[name]) for name in ("data_as_of", "made_at")}
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return about | {name: moment.isoformat() for name, moment in moments.items()} | {"titles": _titles(told)}


def _titles(told: dict[str, Any]) -> dict[str, str]:
    """Of each file of the exhibits that have something to show; none where there are no such exhibits."""
    try:
        shown = [exhibit for exhibit in told["exhibits"] if not exhibit["missing"]]
        return {str(file): str(exhibit["title"]) for exhibit in shown for file in exhibit["files"]}
    except (TypeError, KeyError):
        return {}


def _files(folder: Path) -> tuple[str, ...]:
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    shown = (path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts))
    return tuple(sorted(file for file in shown if file not in (INDEX, ABOUT)))
