"""Spans of time that a page can be asked for: ?period=24h."""

from collections.abc import Iterable

from webapp.asked import asked_choice
from webapp.language import gettext as _


def asked_period(periods: Iterable[str], usual: str) -> str:
    """The period of this request; BadRequest for one that does not exist."""
    return asked_choice("period", list(periods), usual)


def periods_in_words(periods: Iterable[str]) -> dict[str, str]:
    """Each period with its name in the page's language."""
    words = {
        "1h": _("1 hour"),
        "24h": _("24 hours"),
        "7d": _("7 days"),
        "30d": _("30 days"),
        "all": _("all time"),
    }
    return {period: words[period] for period in periods}
