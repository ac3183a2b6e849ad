"""The report's sentences in English and Japanese (translations/ja.po, gettext's format)."""

from importlib.resources import files

from ctcollect.sentences import sentences

LANGUAGES = ("en", "ja")


class Language:
    """Call it with an English sentence and what stands in its {places}."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._sentences = sentences(files(__package__).joinpath("translations", f"{code}.po"))

    def __call__(self, sentence: str, /, **values: object) -> str:
        text = self._sentences.gettext(sentence) if sentence else ""
        return text.format(**values) if values else text
