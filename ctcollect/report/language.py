"""The report's sentences in English and Japanese (translations/ja.po, gettext's format)."""

import gettext
from functools import cache
from importlib.resources import files
from io import BytesIO

import polib

LANGUAGES = ("en", "ja")


class Language:
    """Call it with an English sentence and what stands in its {places}."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._sentences = _sentences(code)

    def __call__(self, sentence: str, /, **values: object) -> str:
        text = self._sentences.gettext(sentence) if sentence else ""
        return text.format(**values) if values else text


@cache
def _sentences(code: str) -> gettext.NullTranslations:
    path = files(__package__).joinpath("translations", f"{code}.po")
    if not path.is_file():
        return gettext.NullTranslations()
    return gettext.GNUTranslations(BytesIO(polib.pofile(path.read_text(encoding="utf-8")).to_binary()))
