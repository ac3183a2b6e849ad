"""Spans of time that a page can be asked for: ?period=24h."""

from collections.abc import Sequence

from flask import request
from werkzeug.exceptions import BadRequest

from webapp.language import gettext as _


def asked_period(periods: Sequence[str], usual: str) -> str:
    """The period of this request; BadRequest for one that does not exist."""
    period = request.args.get("period", usual)
    if period not in periods:
        raise BadRequest(_("There is no such period: choose one of %(periods)s.") % {"periods": ", ".join(periods)})
    return period


def period_words(period: str) -> str:
    """A period in the page's language."""
    return {
        "1h": _("1 hour"),
        "24h": _("24 hours"),
        "7d": _("7 days"),
        "30d": _("30 days"),
        "all": _("all time"),
    }[period]
