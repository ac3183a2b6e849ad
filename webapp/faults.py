"""What is answered when something is wrong: one calm sentence, as JSON to programs and as a page to people."""

from typing import Any

from flask import Flask, current_app, json, render_template, request
from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable
from werkzeug.wrappers import Response

from ctcollect.errors import StoreUnavailable
from webapp.figures import last_as_of

RETRY_SECONDS = 5
# The cause stands in the process's log only: it names hosts and users.
STORE_SENTENCE = (
    "The database does not answer, or is not prepared yet (ctcollect db upgrade). Nothing is lost: try again soon."
)
PAGE_SENTENCE = "There is no such page."


def answer_faults(app: Flask) -> None:
    """Register the handlers of this module."""
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(StoreUnavailable, answer_store_error)


def answer_http_error(error: HTTPException, **more: Any) -> Response:
    """The error's own status and headers with one sentence, in JSON ``more`` too; redirections pass as they are."""
    response: Any = error.get_response()
    if response.status_code < 400:
        return response
    if is_for_programs():
        response.content_type = "application/json"
        response.data = json.dumps({"error": error.description} | more) + "\n"
    else:
        response.data = _page(error)
    return response


def answer_store_error(error: StoreUnavailable) -> Response:
    """503 with a time to come back, and with that of the last figures when there were any."""
    current_app.logger.warning("%s", error)
    as_of = last_as_of()
    known = {"as_of": as_of} if as_of else {}
    return answer_http_error(ServiceUnavailable(STORE_SENTENCE, retry_after=RETRY_SECONDS), **known)


def is_for_programs() -> bool:
    """Whether the request is for a part of the site that speaks JSON."""
    return request.path.startswith("/api/") or request.path == "/healthz"


def _page(error: HTTPException) -> str:
    sentence = PAGE_SENTENCE if isinstance(error, NotFound) else error.description
    retry = RETRY_SECONDS if isinstance(error, ServiceUnavailable) else None
    return render_template("message.html", title=error.name, sentence=sentence, retry_seconds=retry)
