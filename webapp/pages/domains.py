"""A domain's certificates on a time axis."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ctcollect.search import BELOW, EXACT, parse_domain
from ctcollect.store import utc_now
from ctcollect.store.domain_timeline import MOST_BARS, domain_timeline
from webapp.asked import asked_choice, check_parameters
from webapp.certificate_queries import read
from webapp.charts.timeline import timeline_chart
from webapp.database import ask

ROWS_SHOWN = 50
MATCHES = (EXACT, BELOW)

domains = Blueprint("domains", __name__, url_prefix="/domains")


@domains.get("/<name>")
def page(name: str) -> str | AnyResponse:
    """Bars in lanes, gaps and overlaps; a name in another written form is led to its own page."""
    check_parameters("match")
    match = asked_choice("match", MATCHES) or None
    domain = read(parse_domain, name)
    if domain != name:
        kept: dict[str, Any] = request.args.to_dict()
        return redirect(url_for(".page", **kept | {"name": domain}), 308)
    document = ask(domain_timeline, domain, match)
    chart = timeline_chart(document, utc_now())
    return render_template(
        "domain.html", timeline=document, chart=chart, most=MOST_BARS, rows_shown=ROWS_SHOWN, matches=MATCHES
    )
