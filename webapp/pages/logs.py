"""All logs in a table that can be filtered and sorted without a script."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, url_for

from ctcollect.catalogue import queues
from ctcollect.store.forecast import forecast_document
from webapp.asked import asked_choice, asked_text, check_parameters
from webapp.figures import current_figures, shared_answer
from webapp.formats import CONDITIONS, condition_words
from webapp.log_table import SORTS, chosen, log_rows, ordered

logs = Blueprint("logs", __name__, url_prefix="/logs")

FRESH_SECONDS = 5.0


@logs.get("")
def table() -> str:
    """Each log: its state, how much of it is done, how fast, until when, what was found in it."""
    check_parameters("queue", "state", "q", "sort")
    figures = current_figures()
    rows = log_rows(figures["logs"], shared_answer(FRESH_SECONDS, forecast_document)["logs"])
    known_queues = list(dict.fromkeys((*queues(), *(row["queue"] for row in rows))))
    asked = {
        "queue": asked_choice("queue", known_queues),
        "state": asked_choice("state", CONDITIONS),
        "q": asked_text("q"),
    }
    sort = asked_choice("sort", SORTS)
    return render_template(
        "logs.html",
        as_of=figures["as_of"],
        logs=ordered(chosen(rows, asked["queue"], asked["state"], asked["q"]), sort),
        logs_in_all=len(rows),
        asked=asked,
        sort=sort,
        sorted_address=lambda column: _address(asked | {"sort": column}),
        queues=known_queues,
        states={each: condition_words(each) for each in CONDITIONS},
    )


def _address(asked: Mapping[str, Any]) -> str:
    """This table with these parameters, those that say nothing left out."""
    return url_for("logs.table", **{name: value for name, value in asked.items() if value})
