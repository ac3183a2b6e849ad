"""How far the collection is, at one glance."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, current_app, render_template

from ctcollect.catalogue import ARCHIVES
from ctcollect.store import Session
from ctcollect.store.attention import attention
from ctcollect.store.daily_matrix import daily_matrix
from ctcollect.store.entries import entries_document
from ctcollect.store.finds import latest_finds
from ctcollect.store.forecast import forecast_document
from ctcollect.store.history import PERIODS, history
from ctcollect.store.queue_figures import queues_document
from webapp.asked import check_parameters
from webapp.attention import sentence
from webapp.charts import stacked_bars
from webapp.days import short_days
from webapp.figures import current_figures, shared_answer
from webapp.language import gettext as _
from webapp.periods import asked_period, periods_in_words
from webapp.speed_charts import speed_charts

overview = Blueprint("overview", __name__)

USUAL_PERIOD = "24h"
FRESH_SECONDS = 2.0
FINDS, DAYS = 12, 30
MINUTES = 5
# As many parts of a bar as there are colours that can be told apart.
LOGS_IN_CHART = 7


@overview.get("/")
def page() -> str:
    """Done, verified, out, to do; the forecast; speeds; days; queues; the latest finds; what needs attention."""
    check_parameters("period")
    period = asked_period(PERIODS, USUAL_PERIOD)
    status, parts = current_figures(), shared_answer(FRESH_SECONDS, _figures)
    days, latest = parts["days"], shared_answer(FRESH_SECONDS, history, "1h")
    running = [worker for worker in status["workers"] if worker["running"]]
    return render_template(
        "overview.html",
        **parts | {"queues": [queue for queue in parts["queues"] if _is_in_use(queue)]},
        as_of=status["as_of"],
        totals=status["totals"],
        certificates_per_second=_newest(latest["certificates_per_second"]),
        workers=running,
        friends_running=len({worker["friend"] for worker in running}),
        matters=[each | {"sentence": sentence(each["code"], each["parameters"])} for each in parts["attention"]],
        period=period,
        periods=periods_in_words(PERIODS),
        **speed_charts(shared_answer(FRESH_SECONDS, history, period)),
        days_chart=stacked_bars(short_days(days["days"]), _largest(days["logs"])),
    )


@overview.get("/favicon.ico")
def icon() -> Response:
    """What browsers ask for where a page names no icon, as reports and Flower's pages do."""
    return current_app.send_static_file("icon.svg")


def _figures(session: Session) -> dict[str, Any]:
    return {
        "entries": entries_document(session),
        "forecast": forecast_document(session),
        "queues": queues_document(session),
        "attention": attention(session),
        "finds": latest_finds(session, FINDS),
        "days": daily_matrix(session, DAYS),
    }


def _newest(points: Sequence[float | None]) -> float | None:
    """The last one of some minutes that was measured."""
    return next((point for point in reversed(points[-MINUTES:]) if point is not None), None)


def _is_in_use(queue: Mapping[str, Any]) -> bool:
    """The queue of archives is there for who has some."""
    return queue["queue"] != ARCHIVES or any(queue[name] for name in ("waiting", "out", "workers"))


def _largest(logs: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[float]]:
    """The counts of the logs with most, and those of all others together."""
    ordered = sorted(logs, key=lambda log: -sum(log["counts"]))
    shown: dict[str, Sequence[float]] = {log["log"]: log["counts"] for log in ordered[:LOGS_IN_CHART]}
    others = [log["counts"] for log in ordered[LOGS_IN_CHART:]]
    if others:
        shown[_("all others")] = [sum(day) for day in zip(*others, strict=True)]
    return shown
