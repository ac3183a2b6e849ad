"""English and Japanese: which of them a request gets, and the sentences in it (translations/*.po, gettext's format).

``?lang=ja`` chooses and is remembered in a cookie; without either the browser's own list decides.
"""

from gettext import NullTranslations
from pathlib import Path
from urllib.parse import quote, urlencode

from flask import Flask, Response, g, has_request_context, request

from ctcollect.sentences import sentences

DEFAULT = "en"
# Each named in itself.
LANGUAGES = {"en": "English", "ja": "日本語"}
PARAMETER = COOKIE = "lang"
COOKIE_SECONDS = 365 * 86400
TRANSLATIONS = Path(__file__).parent / "translations"


def speak_languages(app: Flask) -> None:
    """Give all templates ``_()``, ``{% trans %}``, ``language`` and ``languages``."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.context_processor(lambda: {"language": language(), "languages": LANGUAGES, "in_language": in_language})
    app.after_request(_remember)


def gettext(sentence: str) -> str:
    """The sentence in the request's language."""
    return _translations().gettext(sentence)


def ngettext(one: str, many: str, number: int) -> str:
    """The same for a sentence that counts something."""
    return _translations().ngettext(one, many, number)


def _translations() -> NullTranslations:
    return sentences(TRANSLATIONS / f"{language()}.po")


def language() -> str:
    """The request's language, one of LANGUAGES; outside of a request the default."""
    if not has_request_context():
        return DEFAULT
    if "language" not in g:
        asked = (request.args.get(PARAMETER), request.cookies.get(COOKIE))
        chosen = next((each for each in asked if each in LANGUAGES), None)
        g.language = chosen or request.accept_languages.best_match(LANGUAGES) or DEFAULT
    return str(g.language)


def in_language(code: str) -> str:
    """The address of this page in another language."""
    if request.endpoint is None:
        return f"/?{PARAMETER}={code}"
    # Not url_for: a stranger's parameter may be called like one of its own.
    arguments = request.args.to_dict(flat=False) | {PARAMETER: [code]}
    return f"{quote(request.script_root + request.path)}?{urlencode(arguments, doseq=True)}"


def _remember(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.vary.update(("Accept-Language", "Cookie"))
        response.content_language.add(language())
        if request.args.get(PARAMETER) in LANGUAGES:
            response.set_cookie(COOKIE, language(), max_age=COOKIE_SECONDS, samesite="Lax", httponly=True)
    return response
