"""The API, JSON and read-only: the status document and its parts, days, certificates, health."""

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound

from ctcollect.store.certificate_documents import search_certificates
from ctcollect.store.status import check_tables, daily_document, status_document
from webapp.certificate_queries import asked, next_address
from webapp.database import ask

api = Blueprint("api", __name__)


@api.get("/api/v1/status")
def status() -> Response:
    """``{"as_of", "totals": {...}, "logs": [...], "workers": [...]}``; counts are of entries unless named otherwise."""
    return jsonify(ask(status_document))


@api.get("/api/v1/logs/<path:name>")
def log(name: str) -> Response:
    """One element of the status document's ``logs``; 404 when no log has this name."""
    for each in ask(status_document)["logs"]:
        if each["name"] == name:
            return jsonify(each)
    raise NotFound(f"there is no log named {name!r}: see /api/v1/status")


@api.get("/api/v1/workers")
def workers() -> Response:
    """The status document's ``workers``."""
    return jsonify(ask(status_document)["workers"])


@api.get("/api/v1/daily")
def daily() -> Response:
    """``[{"day", "log_name", "entries", "uploaded", "registered"}]``, the earliest day (in Asia/Tokyo) first."""
    return jsonify(ask(daily_document))


@api.get("/api/v1/certificates")
def certificates() -> Response:
    """``?domain=`` and other filters: up to 1,000 certificates, newest first, each with its ``sightings``.

    Where there are more, the header ``Link`` says where to go on.
    """
    if not request.args.get("domain"):
        raise BadRequest("name a domain: /api/v1/certificates?domain=example.jp")
    found, more = ask(search_certificates, *asked(longest=1000))
    answer = jsonify(found)
    if more:
        answer.headers["Link"] = f'<{next_address(more)}>; rel="next"'
    return answer


@api.get("/healthz")
def health() -> Response:
    """``{"ok": true}`` when the database answers and is prepared; else 503."""
    ask(check_tables)
    return jsonify(ok=True)
