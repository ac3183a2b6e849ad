"""The page for people. All of its figures are in the HTML; static/dashboard.js only keeps them fresh."""

from typing import Any

from flask import Blueprint, render_template

from ctcollect.store.status import status_document
from webapp.database import ask

pages = Blueprint("pages", __name__)


@pages.get("/")
def dashboard() -> str:
    """What is wanted, done and verified; log by log; friend by friend."""
    return render_template("dashboard.html", **dashboard_parts(ask(status_document)))


def dashboard_parts(document: dict[str, Any]) -> dict[str, Any]:
    """The status document as the page shows it; ``dashboardParts`` in static/dashboard.js does the same."""
    logs = [log for log in document["logs"] if log["window"] or log["unobtainable"]]
    planned = sum(bool(log["window"]) for log in logs)
    summary = document["totals"] | {"as_of": document["as_of"]}
    summary["logs_unplanned"] = len(document["logs"]) - planned
    return {"summary": summary, "logs": logs, "planned": planned > 0, "workers": document["workers"]}
