"""The API, JSON and read-only: the status document and its parts, days, certificates, health."""

from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound

from ctcollect.errors import ConfigurationError
from ctcollect.store.certificates import search_certificates
from ctcollect.store.status import check_tables, daily_document, status_document
from webapp.database import reading

api = Blueprint("api", __name__)


@api.get("/api/v1/status")
def status() -> Response:
    """``{"as_of", "totals": {...}, "logs": [...], "workers": [...]}``; counts are of entries unless named otherwise."""
    return jsonify(_status())


@api.get("/api/v1/logs/<path:name>")
def log(name: str) -> Response:
    """One element of the status document's ``logs``; 404 when no log has this name."""
    for each in _status()["logs"]:
        if each["name"] == name:
            return jsonify(each)
    raise NotFound(f"there is no log named {name!r}: see /api/v1/status")


@api.get("/api/v1/workers")
def workers() -> Response:
    """The status document's ``workers``."""
    return jsonify(_status()["workers"])


@api.get("/api/v1/daily")
def daily() -> Response:
    """``[{"day", "log_name", "entries", "uploaded", "registered"}]``, the earliest day (in Asia/Tokyo) first."""
    with reading() as session:
        return jsonify(daily_document(session))


@api.get("/api/v1/certificates")
def certificates() -> Response:
    """``?domain=``: up to 1,000 certificates for it and all below it, newest first, each with its ``sightings``."""
    domain = request.args.get("domain")
    if not domain:
        raise BadRequest("name a domain: /api/v1/certificates?domain=example.jp")
    with reading() as session:
        return jsonify(_search(session, domain))


@api.get("/healthz")
def health() -> Response:
    """``{"ok": true}`` when the database answers and is prepared; else 503."""
    with reading() as session:
        check_tables(session)
    return jsonify(ok=True)


def _status() -> dict[str, Any]:
    with reading() as session:
        return status_document(session)


def _search(session: Any, domain: str) -> list[dict[str, Any]]:
    try:
        return search_certificates(session, domain)
    except ConfigurationError as error:
        raise BadRequest(str(error)) from None
