"""What is answered when something is wrong: one calm sentence, as JSON to programs and as a page to people."""

from typing import Any

from flask import Flask, current_app, json, render_template, request
from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable
from werkzeug.wrappers import Response

from ctcollect.errors import StoreUnavailable
from webapp.figures import last_figures
from webapp.language import gettext as _

RETRY_SECONDS = 5


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
        response.data = json.dumps({"error": _line(error)} | more) + "\n"
    else:
        response.data = _page(error)
    return response


def answer_store_error(error: StoreUnavailable) -> Response:
    """503 with a time to come back, and with that of the last figures when there were any."""
    # The cause stands in the process's log only: it names hosts and users.
    current_app.logger.warning("%s", error)
    sentence = _(
        "The database does not answer, or is not prepared yet (ctcollect db upgrade). Nothing is lost: try again soon."
    )
    last = last_figures()
    known = {"as_of": last["as_of"]} if last else {}
    return answer_http_error(ServiceUnavailable(sentence, retry_after=RETRY_SECONDS), **known)


def is_for_programs() -> bool:
    """Whether the request is for a part of the site that speaks JSON."""
    return request.path.startswith("/api/") or request.path == "/healthz"


def _page(error: HTTPException) -> str:
    is_for_a_while = isinstance(error, ServiceUnavailable)
    return render_template(
        "message.html",
        title=_title(error),
        sentence=_sentence(error),
        retry_seconds=RETRY_SECONDS if is_for_a_while else None,
        last=last_figures() if is_for_a_while else None,
    )


def _line(error: HTTPException) -> str | None:
    return "there is no such address: /api lists all that there are" if _is_plain_404(error) else error.description


def _title(error: HTTPException) -> str:
    titles = {
        400: _("That can’t be shown"),
        404: _("Not found"),
        405: _("Only to be looked at"),
        500: _("Something went wrong"),
        503: _("Not available now"),
    }
    return titles.get(error.code or 500) or error.name


def _sentence(error: HTTPException) -> str:
    # werkzeug's own sentences are English, and speak of urls that were typed wrongly.
    if _is_plain_404(error):
        return _("There is no such page.")
    sentences = {
        405: _("Nothing can be sent to this page."),
        500: _("Nobody has foreseen this. The collection goes on; the server’s log says more."),
    }
    return sentences.get(error.code or 500) or error.description or ""


def _is_plain_404(error: HTTPException) -> bool:
    return isinstance(error, NotFound) and error.description == NotFound.description
