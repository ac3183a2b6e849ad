"""How the pages write figures, times and others' words: the filters of all templates."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from flask import Flask
from markupsafe import Markup

from webapp.language import gettext as _
from webapp.wording import fault_kind, range_state

Record = Mapping[str, Any]  # a log of the status document

TOKYO = timezone(timedelta(hours=9))  # since 1951 without summer time
NOT_KNOWN = "–"
MINUTE, HOUR, DAY = 60, 3600, 86400
# From what somebody has decided to what goes on by itself.
CONDITIONS = (
    "switched off", "paused", "unobtainable", "not planned", "verified", "not reachable", "resting", "to be verified",
    "in work", "waiting",
)  # fmt: skip
BYTES = ("B", "kB", "MB", "GB", "TB", "PB")


def add_filters(app: Flask) -> None:
    """Each of FORMATS by its name."""
    app.jinja_env.filters.update(FORMATS)


def count(value: float | None) -> str:
    """With separators; None, of a log that can't be had, is not 0."""
    return NOT_KNOWN if value is None else f"{value:,.0f}"


def rate(value: float | None) -> str:
    """Of something in a second: one place after the point, more where it is small."""
    if value is None:
        return NOT_KNOWN
    return f"{value:,.1f}" if value >= 1 or value == 0 else f"{value:.2g}"


def share(value: float | None, whole: float | None, places: int = 1) -> str:
    """Per cent, rounded down: 100 only when nothing is left."""
    if value is None or not whole:
        return NOT_KNOWN
    steps = int(value * 100 * 10**places // whole)
    return f"{steps / 10**places:,.{places}f} %"


def duration(value: float | None) -> str:
    """A rest of work in its two largest units; 0 is done, None cannot be told."""
    if value is None:
        return NOT_KNOWN
    return span_of_time(value) if value else _("done")


def span_of_time(seconds: float) -> str:
    """A length of time in its two largest units."""
    whole = max(int(seconds), 1)
    if whole < MINUTE:
        return _("%(seconds)d s") % {"seconds": whole}
    if whole < HOUR:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": whole // MINUTE, "seconds": whole % MINUTE}
    if whole < DAY:
        return _("%(hours)d h %(minutes)d min") % {"hours": whole // HOUR, "minutes": whole % HOUR // MINUTE}
    return _("%(days)s d %(hours)d h") % {"days": f"{whole // DAY:,}", "hours": whole % DAY // HOUR}


def size(value: float | None) -> str:
    """Bytes in the largest unit of a thousand."""
    if value is None:
        return NOT_KNOWN
    unit = 0
    while value >= 1000 and unit < len(BYTES) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {BYTES[unit]}" if unit == 0 or value >= 100 else f"{value:.1f} {BYTES[unit]}"


def moment(value: datetime | str | None, form: str = "%Y-%m-%d %H:%M:%S") -> Markup | str:
    """A <time> on a clock in Asia/Tokyo that tells UTC when pointed at. A time without a zone is UTC."""
    if value is None:
        return NOT_KNOWN
    utc = _utc(value)
    shown, exact = _in_tokyo(utc).strftime(form), utc.strftime("%Y-%m-%d %H:%M:%S UTC")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(utc.isoformat(), exact, shown)


def minute(value: datetime | str | None) -> Markup | str:
    """As moment(), without seconds."""
    return moment(value, "%Y-%m-%d %H:%M")


def day(value: datetime | str | None) -> Markup | str:
    """As moment(), only the day."""
    return moment(value, "%Y-%m-%d")


def plain_minute(value: datetime | str) -> str:
    """The same as text alone, where no element can stand."""
    return _in_tokyo(_utc(value)).strftime("%Y-%m-%d %H:%M")


def _utc(value: datetime | str) -> datetime:
    parsed = datetime.fromisoformat(value) if isinstance(value, str) else value
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def _in_tokyo(utc: datetime) -> datetime:
    """The last hours of the year 9999, which stand for no end at all (RFC 5280, section 4.1.2.5), stay as they are."""
    try:
        return utc.astimezone(TOKYO)
    except OverflowError:
        return utc


def plain_day(value: date | str) -> str:
    """A day that is one already, such as those of daily_counts, which are Tokyo's."""
    return value if isinstance(value, str) else value.isoformat()


def text(value: object) -> str:
    """Others' text with what cannot be seen, such as signs that turn the direction, written out as \\u{202e}."""
    shown = "" if value is None else str(value)
    if shown.isprintable():
        return shown
    return "".join(sign if sign.isprintable() else f"\\u{{{ord(sign):x}}}" for sign in shown)


def presence(is_running: bool) -> str:
    return _("running") if is_running else _("not running")


def condition(log: Record) -> str:
    """How a log is, one of CONDITIONS: the one that matters most."""
    if not log["enabled"]:
        return "switched off"
    if log["paused"]:
        return "paused"
    if log["unobtainable"] and not 0 < log["wanted"] <= log["verified"]:
        return "unobtainable"
    if not log["wanted"]:
        return "not planned"
    if log["verified"] >= log["wanted"]:
        return "verified"
    return _in_progress(log)


def _in_progress(log: Record) -> str:
    if log["reachable"] is False:
        return "not reachable"
    if log["fault"]:
        return "resting"
    if log["done"] >= log["wanted"]:
        return "to be verified"
    return "in work" if log["out"] else "waiting"


def condition_words(value: str) -> str:
    """One of CONDITIONS in the page's language."""
    return {
        "switched off": _("switched off"),
        "paused": _("paused"),
        "unobtainable": _("unobtainable"),
        "not planned": _("not planned"),
        "verified": _("verified"),
        "not reachable": _("not reachable"),
        "resting": _("resting"),
        "to be verified": _("to be verified"),
        "in work": _("in work"),
        "waiting": _("waiting"),
    }[value]


FORMATS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        count, rate, share, duration, span_of_time, size, moment, minute, day, plain_day, text, presence,
        condition, condition_words, range_state, fault_kind,
    )
}  # fmt: skip
