"""What is answered when something is wrong: one calm sentence, as JSON to programs and as a page to people."""

from typing import Any

from flask import Flask, current_app, json, render_template, request
from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable
from werkzeug.wrappers import Response

from ctcollect.errors import StoreUnavailable
from webapp.language import gettext as _

RETRY_SECONDS = 5


def answer_faults(app: Flask) -> None:
    """Register the handlers of this module."""
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(StoreUnavailable, answer_store_error)


def answer_http_error(error: HTTPException) -> Response:
    """The error's own status and headers with one sentence; redirections pass as they are."""
    response: Any = error.get_response()
    if response.status_code < 400:
        return response
    if is_for_programs():
        response.content_type = "application/json"
        response.data = json.dumps({"error": error.description}) + "\n"
    else:
        response.data = _page(error)
    return response


def answer_store_error(error: StoreUnavailable) -> Response:
    """503 with a time to come back."""
    # The cause stands in the process's log only: it names hosts and users.
    current_app.logger.warning("%s", error)
    sentence = _(
        "The database does not answer, or is not prepared yet (ctcollect db upgrade). Nothing is lost: try again soon."
    )
    return answer_http_error(ServiceUnavailable(sentence, retry_after=RETRY_SECONDS))


def is_for_programs() -> bool:
    """Whether the request is for a part of the site that speaks JSON."""
    return request.path.startswith("/api/") or request.path == "/healthz"


def _page(error: HTTPException) -> str:
    retry = RETRY_SECONDS if isinstance(error, ServiceUnavailable) else None
    return render_template("message.html", title=_title(error), sentence=_sentence(error), retry_seconds=retry)


def _title(error: HTTPException) -> str:
    titles = {400: _("That can’t be shown"), 404: _("Not found"), 503: _("Not available now")}
    return titles.get(error.code or 500) or error.name


def _sentence(error: HTTPException) -> str:
    # werkzeug's own sentence speaks of urls that were typed wrongly.
    if isinstance(error, NotFound) and error.description == NotFound.description:
        return _("There is no such page.")
    return error.description or ""
