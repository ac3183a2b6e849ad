"""Counts by day and log."""

from datetime import date

from werkzeug.exceptions import BadRequest

from ctcollect.store.daily import DayKey, daily_rows
from webapp.api.endpoints import PREFIX, STEADY, listing
from webapp.api.pages import Page
from webapp.api.parameters import Parameter, day, page_size, page_start
from webapp.api.schemas import DAY
from webapp.api.status import log_named
from webapp.database import ask

NAME_CHARACTERS = 191
DATE = {"type": "string", "format": "date"}
FILTERS = (
    Parameter("log", "only this log", {"type": "string", "maxLength": NAME_CHARACTERS}, example="argon2024"),
    Parameter("from", "from this day on (Asia/Tokyo)", DATE, day, argument="since", example="2024-01-01"),
    Parameter("to", "before this day (Asia/Tokyo)", DATE, day, argument="until", example="2024-02-01"),
)


def day_key(text: str) -> DayKey:
    """``2024-01-31,argon2024``: where the page before ended."""
    first, _, name = text.partition(",")
    try:
        return day(first), name
    except ValueError:
        raise ValueError("what the header Link of the page before says") from None


PAGING = (page_size(1000, 5000), page_start(day_key))


@listing(f"{PREFIX}/daily", DAY, STEADY, filters=FILTERS, paging=PAGING, may_miss=True)
def daily(log: str | None, since: date | None, until: date | None, limit: int, after: DayKey | None) -> Page:
    """The count of each day and log, the earliest day first."""
    if since and until and since > until:
        raise BadRequest(f"from ({since}) is after to ({until})")
    if log is not None:
        log_named(log)
    rows = ask(daily_rows, log, since, until, after, limit + 1)
    following = f"{rows[limit - 1]['day']},{rows[limit - 1]['log_name']}" if len(rows) > limit else None
    return Page(rows[:limit], following)
