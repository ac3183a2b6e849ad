"""How far the collection is, at one glance."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, render_template

from ctcollect.store import Session
from ctcollect.store.attention import attention
from ctcollect.store.daily_matrix import daily_matrix
from ctcollect.store.entries import entries_document
from ctcollect.store.finds import latest_finds
from ctcollect.store.forecast import forecast_document
from ctcollect.store.history import PERIODS, history
from ctcollect.store.queue_figures import queues_document
from ctcollect.store.status import status_document
from webapp.attention import sentence
from webapp.charts import LineChart, line_chart, stacked_bars
from webapp.database import ask
from webapp.language import gettext as _
from webapp.periods import asked_period, period_words

overview = Blueprint("overview", __name__)

USUAL_PERIOD = "24h"
FINDS, DAYS = 12, 30
# As many parts of a bar as there are colours that can be told apart.
LOGS_IN_CHART = 7


@overview.get("/")
def page() -> str:
    """Done, verified, out, to do; the forecast; speeds; days; queues; the latest finds; what needs attention."""
    period = asked_period([*PERIODS], USUAL_PERIOD)
    parts = ask(_figures, period)
    speeds = parts.pop("history")
    return render_template(
        "overview.html",
        **parts,
        matters=[each | {"sentence": sentence(each["code"], each["parameters"])} for each in parts["attention"]],
        period=period,
        periods={each: period_words(each) for each in PERIODS},
        entries_chart=_chart(speeds, "entries_per_second"),
        certificates_chart=_chart(speeds, "certificates_per_second"),
        days_chart=stacked_bars([day[5:] for day in parts["days"]["days"]], _largest(parts["days"]["logs"])),
    )


def _figures(session: Session, period: str) -> dict[str, Any]:
    status = status_document(session)
    return {
        "as_of": status["as_of"],
        "totals": status["totals"],
        "workers": [worker for worker in status["workers"] if worker["running"]],
        "entries": entries_document(session),
        "forecast": forecast_document(session),
        "queues": queues_document(session),
        "attention": attention(session),
        "finds": latest_finds(session, FINDS),
        "days": daily_matrix(session, DAYS),
        "history": history(session, period),
    }


def _chart(speeds: Mapping[str, Any], name: str) -> LineChart:
    start, step = datetime.fromisoformat(speeds["start"]).timestamp(), speeds["step_seconds"]
    values = speeds[name]
    return line_chart([start + step * (place + 0.5) for place in range(len(values))], values)


def _largest(logs: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[float]]:
    """The counts of the logs with most, and those of all others together."""
    ordered = sorted(logs, key=lambda log: -sum(log["counts"]))
    shown: dict[str, Sequence[float]] = {log["log"]: log["counts"] for log in ordered[:LOGS_IN_CHART]}
    others = [log["counts"] for log in ordered[LOGS_IN_CHART:]]
    if others:
        shown[_("all others")] = [sum(day) for day in zip(*others, strict=True)]
    return shown
