"""The report's sentences in English and Japanese (translations/ja.po, gettext's format)."""

from pathlib import Path

from ctcollect.sentences import sentences

LANGUAGES = ("en", "ja")
TRANSLATIONS = Path(__file__).parent / "translations"


class Language:
    """Call it with an English sentence and what stands in its {places}."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._sentences = sentences(TRANSLATIONS / f"{code}.po")

    def __call__(self, sentence: str, /, **values: object) -> str:
        text = self._sentences.gettext(sentence) if sentence else ""
        return text.format(**values) if values else text
