"""Every sentence of the report is translated."""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import polib
from babel.messages.extract import extract_from_dir

import ctcollect.report

FOLDER = Path(ctcollect.report.__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
PLACE = re.compile(r"\{\w+\}")


def sentences() -> Iterator[str]:
    """What the sources say, and the recommendations."""
    for _, _, message, _, _ in extract_from_dir(str(FOLDER), METHODS, keywords={"say": None, "_": None}):
        assert isinstance(message, str)
        yield message
    rules = tomllib.loads(files("ctcollect.report").joinpath("recommendations.toml").read_text())
    yield from (rule["text"] for rule in rules["recommendation"])


def test_every_sentence_is_translated() -> None:
    """None is missing, none left over, and what is filled in stands in both languages."""
    entries = {entry.msgid: entry for entry in polib.pofile(str(FOLDER / "translations/ja.po"))}
    known = set(sentences())
    assert (sorted(known - entries.keys()), sorted(entries.keys() - known)) == ([], [])
    for entry in entries.values():
        assert entry.translated()
        assert sorted(set(PLACE.findall(entry.msgstr))) == sorted(set(PLACE.findall(entry.msgid)))
