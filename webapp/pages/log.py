"""One log: its figures, the map of its ranges, its speed, heads, days, faults and unreadable entries."""

from datetime import datetime
from typing import Any

from flask import render_template
from werkzeug.exceptions import BadRequest, NotFound

from ctcollect.store import Session
from ctcollect.store.faults import log_faults
from ctcollect.store.forecast import forecast_document
from ctcollect.store.history import PERIODS, history
from ctcollect.store.log_history import head_history, log_days, malformed_page
from ctcollect.store.range_block import range_block
from webapp.asked import asked_index, check_parameters
from webapp.charts import BarChart, LineChart, level_chart, stacked_bars
from webapp.days import by_day, last_days, short_days
from webapp.figures import current_figures, shared_answer
from webapp.language import gettext as _
from webapp.log_map import LogMap
from webapp.log_table import Row, log_rows
from webapp.pages.logs import FRESH_SECONDS, logs
from webapp.periods import asked_period, periods_in_words
from webapp.speed_charts import speed_charts

USUAL_PERIOD = "24h"
# Points are ten minutes apart or more, but for those of the last hour.
CHART_SECONDS = 15.0
# While none of these has changed, neither has the map.
COUNTERS = ("tree_size", "wanted", "out", "done", "verified")
DAYS, FAULTS, MALFORMED = 60, 20, 10


@logs.get("/<path:name>", merge_slashes=False)
def page(name: str) -> str:
    """A log; NotFound when there is none of this name."""
    check_parameters("period", "from", "to", "after")
    figures = current_figures()
    log = _log_named(name, figures)
    period = asked_period(PERIODS, USUAL_PERIOD)
    block, after = _asked_block(), asked_index("after")
    parts = shared_answer(FRESH_SECONDS, _figures, name)
    log_map = shared_answer(FRESH_SECONDS, LogMap, name, version=tuple(log[each] for each in COUNTERS))
    return render_template(
        "log.html",
        as_of=figures["as_of"],
        log=log,
        range_map=log_map.draw(block),
        block=block,
        ranges=shared_answer(FRESH_SECONDS, range_block, name, *block) if block else None,
        period=period,
        periods=periods_in_words(PERIODS),
        **speed_charts(shared_answer(CHART_SECONDS, history, period, name)),
        heads_chart=_heads_chart(parts["heads"]),
        **_days_charts(parts["days"]),
        faults=parts["faults"],
        after=after,
        malformed=shared_answer(FRESH_SECONDS, malformed_page, name, -1 if after is None else after, MALFORMED),
    )


def _log_named(name: str, figures: dict[str, Any]) -> Row:
    found = [log for log in figures["logs"] if log["name"] == name]
    if not found:
        raise NotFound(_("There is no log of this name."))
    return log_rows(found, shared_answer(FRESH_SECONDS, forecast_document)["logs"])[0]


def _asked_block() -> tuple[int, int] | None:
    """The span (entries, half-open) of which the ranges are asked for, if any is."""
    start, end = asked_index("from"), asked_index("to")
    if start is None and end is None:
        return None
    if start is None or end is None or start >= end:
        raise BadRequest(_("Write both from and to, the first one smaller: the ranges between them are shown."))
    return start, end


def _figures(session: Session, name: str) -> dict[str, Any]:
    return {
        "heads": head_history(session, name),
        "days": log_days(session, name, DAYS),
        "faults": log_faults(session, name, FAULTS),
    }


def _heads_chart(heads: list[dict[str, Any]]) -> LineChart:
    times = [datetime.fromisoformat(head["timestamp"]).timestamp() for head in heads]
    return level_chart(times, [head["tree_size"] for head in heads])


def _days_charts(rows: list[dict[str, Any]]) -> dict[str, BarChart]:
    days = last_days(DAYS)
    uploaded, new = by_day(rows, "uploaded", days), by_day(rows, "registered", days)
    known = [max(all_of_day - new_of_day, 0) for all_of_day, new_of_day in zip(uploaded, new, strict=True)]
    return {
        "read_chart": stacked_bars(short_days(days), {_("Entries read"): by_day(rows, "entries", days)}),
        "found_chart": stacked_bars(short_days(days), {_("new"): new, _("known from elsewhere"): known}),
    }
