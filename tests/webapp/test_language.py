"""English and Japanese: every sentence is translated, and a reader gets the language that was asked for."""

import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from babel.messages.extract import extract_from_dir, extract_from_file
from flask.testing import FlaskClient

from ctcollect.store import Store
from tests.coordinator.conftest import on_sqlite
from tests.webapp.collection import add_small_collection
from webapp.language import TRANSLATIONS

WEBAPP = TRANSLATIONS.parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
# "_" is what the sources call gettext; newstyle and trimming as the application has them.
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
SEARCH, RAISED = WEBAPP.parent / "ctcollect" / "search.py", {"Unclear": None}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def sentences() -> Iterator[str | tuple[str, ...]]:
    """Every sentence that the pages may show, those of a search that is not clear among them; with its plural where it
    counts."""
    for _, _, message, _, _ in extract_from_dir(str(WEBAPP), METHODS, keywords=KEYWORDS):
        yield message
    for _, message, _, _ in extract_from_file("python", str(SEARCH), keywords=RAISED):
        yield message


def translated() -> dict[str, polib.POEntry]:
    return {entry.msgid: entry for entry in polib.pofile(str(TRANSLATIONS / "ja.po")) if not entry.obsolete}


def test_every_sentence_is_translated() -> None:
    """Nothing is missing, nothing marked as doubtful, nothing left that no page says any more."""
    known = {message if isinstance(message, str) else message[0] for message in sentences()}
    entries = translated()
    missing = known - {name for name, entry in entries.items() if entry.translated() and not entry.fuzzy}
    assert (sorted(missing), sorted(set(entries) - known)) == ([], [])


def test_translations_keep_the_places_of_figures() -> None:
    """What is filled in stands in both languages; plain text brings no tags of its own."""
    for entry in translated().values():
        for words in [entry.msgstr, *entry.msgstr_plural.values()]:
            if words:
                assert set(PLACEHOLDER.findall(words)) == set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
                assert re.findall("</?[a-z]+", words) == re.findall("</?[a-z]+", entry.msgid)


def test_every_translation_can_be_filled_in() -> None:
    """No sign in it is taken for a place of a figure, as a percent sign alone would be: the page would be 500."""
    for entry in translated().values():
        forms = [(entry.msgid, entry.msgstr), *((entry.msgid_plural, words) for words in entry.msgstr_plural.values())]
        for sentence, words in forms:
            figures = dict.fromkeys(re.findall(r"%\((\w+)\)", sentence), 1)
            assert (words or "x") % (figures | {"num": 1}), words


@on_sqlite
@pytest.mark.parametrize(
    ("address", "headers", "chosen", "language"),
    [
        ("/", {}, None, "en"),
        ("/", {"Accept-Language": "ja,en;q=0.5"}, None, "ja"),
        ("/", {"Accept-Language": "fr"}, None, "en"),
        ("/?lang=en", {"Accept-Language": "ja"}, "ja", "en"),
        ("/?lang=xx", {}, "ja", "ja"),
        ("/nowhere?lang=ja", {}, None, "ja"),
    ],
    ids=["nothing said", "the browser's wish", "another language", "the address", "the cookie", "of what is missing"],
)
def test_which_language_a_reader_gets(
    store: Store, client: FlaskClient, address: str, headers: dict[str, str], chosen: str | None, language: str
) -> None:
    """The address decides, then what was chosen before, then the browser's list."""
    add_small_collection(store)
    if chosen:
        client.set_cookie("lang", chosen)
    answer = client.get(address, headers=headers)
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))


def test_a_choice_is_remembered(store: Store, client: FlaskClient) -> None:
    """The next page comes in the language that was chosen, without being asked again."""
    add_small_collection(store)
    client.get("/?lang=ja")
    assert '<html lang="ja">' in client.get("/").text


def test_the_source_of_a_page_is_found() -> None:
    """The extraction sees templates and modules; else all would count as translated."""
    found = [message for message in sentences() if isinstance(message, str)]
    assert {"Overview", "Latest finds", "done", "%(text)s is not a domain name"} <= set(found)
    assert len(found) > 40
    assert Path(TRANSLATIONS / "ja.po").exists()
