"""How far the collection is, at one glance."""

from typing import Any

from flask import Blueprint, render_template

from ctcollect.store.status import status_document
from webapp.database import ask

overview = Blueprint("overview", __name__)


@overview.get("/")
def page() -> str:
    """What is wanted, done and verified; log by log; friend by friend."""
    return render_template("overview.html", **_parts(ask(status_document)))


def _parts(document: dict[str, Any]) -> dict[str, Any]:
    logs = [log for log in document["logs"] if log["window"] or log["unobtainable"]]
    planned = sum(bool(log["window"]) for log in logs)
    return {
        "as_of": document["as_of"],
        "totals": document["totals"],
        "logs": logs,
        "planned": planned > 0,
        "logs_unplanned": len(document["logs"]) - planned,
        "workers": document["workers"],
    }
