"""The friends: who has brought how much, and a page for each that can be shared."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from flask import Blueprint, render_template, url_for
from werkzeug.exceptions import NotFound

from ctcollect.store import Session
from ctcollect.store.friend_detail import friend_document, friend_history
from ctcollect.store.leaderboard import PERIODS, leaderboard
from webapp.asked import check_parameters
from webapp.charts import stacked_bars
from webapp.days import by_day, last_days, short_days
from webapp.figures import current_figures, shared_answer
from webapp.language import gettext as _
from webapp.periods import asked_period, periods_in_words

friends = Blueprint("friends", __name__, url_prefix="/friends")

USUAL_PERIOD = "all"
FRESH_SECONDS = 5.0
DAYS = 60
# Of each friend in the table; the friend's own page has all.
WORKERS_LINKED = 3
# Of somebody whose workers nobody remembers; the credit stays.
UNSEEN: Mapping[str, Any] = MappingProxyType(
    {
        "running": False,
        "first_seen": None,
        "last_seen": None,
        "trust": None,
        "versions": (),
        "entries_per_second": None,
        "refused_share": None,
        "queues": (),
        "spool_harvests": None,
        "spool_bytes": None,
        "brought": None,
    }
)


@friends.get("")
def board() -> str:
    """Who has brought most that is verified, and how everybody is now."""
    check_parameters("period")
    period = asked_period(PERIODS, USUAL_PERIOD)
    figures, board = current_figures(), shared_answer(FRESH_SECONDS, leaderboard, period)
    return render_template(
        "friends.html",
        as_of=figures["as_of"],
        workers=_workers_by_friend(figures["workers"]),
        friends=[UNSEEN | each for each in board["friends"]],
        since=board["since"],
        period=period,
        periods=periods_in_words(PERIODS),
    )


def _workers_by_friend(workers: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The names of WORKERS_LINKED of each friend's workers, those that run first."""
    found: dict[str, list[str]] = {}
    for worker in sorted(workers, key=lambda worker: (not worker["running"], worker["name"])):
        names = found.setdefault(worker["friend"], [])
        if len(names) < WORKERS_LINKED:
            names.append(worker["name"])
    return found


@friends.get("/<path:name>", merge_slashes=False)
def page(name: str) -> str:
    """A friend; NotFound when nobody of this name has ever run a worker."""
    check_parameters()
    figures = current_figures()
    if not any(each["friend"] == name for each in shared_answer(FRESH_SECONDS, leaderboard, "all")["friends"]):
        raise NotFound(_("There is no friend of this name."))
    parts = shared_answer(FRESH_SECONDS, _figures, name)
    days = last_days(DAYS)
    return render_template(
        "friend.html",
        as_of=figures["as_of"],
        friend=UNSEEN | parts["friend"],
        address=url_for("friends.page", name=name, _external=True),
        periods=periods_in_words(PERIODS),
        trust_sentence=_trust_sentence(parts["friend"].get("trust")),
        days_chart=stacked_bars(short_days(days), {_("Entries verified"): by_day(parts["days"], "entries", days)}),
    )


def _figures(session: Session, name: str) -> dict[str, Any]:
    return {"friend": friend_document(session, name), "days": friend_history(session, name, DAYS)}


def _trust_sentence(trust: str | None) -> str:
    """What the friend's trust means, for everybody to read; "" when there is nothing to say."""
    return {
        "suspect": _(
            "Some of what came from here was not what the log holds. More of it is checked by others for now."
        ),
        "untrusted": _(
            "What came from here was not what the log holds, so others do it again. A worker that is broken or behind "
            "a faulty proxy can do that: please ask the coordinator."
        ),
    }.get(trust or "", "")
