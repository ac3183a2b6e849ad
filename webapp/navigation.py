"""The links at the top of every page, and the version at its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for

import ctcollect
from webapp.language import gettext as _


@dataclass(frozen=True, slots=True)
class Place:
    """A link: the endpoint of its page, its words, and whether the page that is open belongs to it."""

    address: str
    words: str
    is_here: bool


def add_navigation(app: Flask) -> None:
    """``places`` and ``version`` for all templates."""
    app.context_processor(lambda: {"places": [*_places(app)], "version": ctcollect.__version__})


def _places(app: Flask) -> Iterator[Place]:
    pages: dict[str, Any] = {
        "overview.page": _("Overview"),
        "logs.table": _("Logs"),
        "friends.board": _("Friends"),
        "certificates.search": _("Certificates"),
        "reports.page": _("Reports"),
    }
    here = (request.endpoint or "").partition(".")[0]
    for endpoint, words in pages.items():
        if endpoint in app.view_functions:
            yield Place(url_for(endpoint), words, endpoint.partition(".")[0] == here)
