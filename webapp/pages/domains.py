"""A domain's certificates on a time axis."""

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from ctcollect.search import BELOW, EXACT, parse_domain
from ctcollect.store import utc_now
from ctcollect.store.domain_timeline import MOST_BARS, domain_timeline
from webapp.certificate_queries import read
from webapp.charts.timeline import timeline_chart
from webapp.database import ask

ROWS_SHOWN = 50

domains = Blueprint("domains", __name__, url_prefix="/domains")


@domains.get("/<name>")
def page(name: str) -> str | AnyResponse:
    """Bars in lanes, gaps and overlaps; a name in another written form is led to its own page."""
    domain = read(parse_domain, name)
    if domain != name:
        kept: dict[str, Any] = request.args.to_dict()
        return redirect(url_for(".page", **kept | {"name": domain}), 308)
    document = ask(domain_timeline, domain, _match())
    chart = timeline_chart(document, utc_now())
    return render_template(
        "domain.html", timeline=document, chart=chart, most=MOST_BARS, rows_shown=ROWS_SHOWN, matches=(EXACT, BELOW)
    )


@domains.get("/<name>.json")
def as_json(name: str) -> Response:
    """The same as a document."""
    return jsonify(ask(domain_timeline, read(parse_domain, name), _match()))


def _match() -> str | None:
    match = request.args.get("match")
    if match not in (None, BELOW, EXACT):
        raise BadRequest(f"match is {match[:60]!r}: use one of {EXACT}, {BELOW}")
    return match
