"""A report as a reader finds it: its CSVs with their types, its page as elements."""

import csv
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

# The names of one set may be longer than what Python takes for a mistake.
csv.field_size_limit(2**30)
TEXTS = {"group", "season", "month", "day", "measure", "quantity", "names", "registered_domain"}


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows by column; an empty cell is None, numbers are numbers."""
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: _value(name, text) for name, text in row.items()} for row in csv.DictReader(file)]


def _value(column: str, text: str) -> Any:
    if column in TEXTS:
        return text
    if text in ("", "True", "False"):
        return {"": None, "True": True, "False": False}[text]
    try:
        return json.loads(text)
    except ValueError:
        return text


def document_of(folder: Path) -> Any:
    """report.json."""
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


class Page(HTMLParser):
    """Every element with its attributes, and the text by the id of the section that it stands in."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.sections: dict[str, str] = {}
        self._open: list[str] = []
        self.feed((folder / "index.html").read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        self.elements.append((tag, found))
        if tag == "section":
            self._open.append(found.get("id", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "section":
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for section in self._open:
            self.sections[section] = self.sections.get(section, "") + data

    def values(self, attribute: str) -> list[str]:
        """Of an attribute, wherever it stands."""
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]
