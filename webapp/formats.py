"""How the page writes figures. static/dashboard.js has the same formats by the same names; a test compares them."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

Record = Mapping[str, Any]  # a log, a worker or the totals of the status document

TOKYO = timezone(timedelta(hours=9))  # since 1951 without summer time
NOT_KNOWN = "–"
MINUTE, HOUR, DAY = 60, 3600, 86400


def shown(record: Record, name: str, form: str) -> str:
    """The field ``name`` of ``record`` in one of FORMATS."""
    return FORMATS[form](record[name], record)


def count(value: int | None, _record: Record) -> str:
    """None, of a log that can't be had, is not 0."""
    return NOT_KNOWN if value is None else f"{value:,}"


def rate(value: float, _record: Record) -> str:
    return f"{value:,.1f}"


def share(value: int, record: Record) -> str:
    """Per cent of what is wanted, rounded down: 100 only when nothing is left."""
    wanted = record["wanted"]
    if not wanted:
        return NOT_KNOWN
    tenths = value * 1000 // wanted
    return f"{tenths // 10}.{tenths % 10} %"


def duration(value: float | None, _record: Record) -> str:
    """A rest of work in its two largest units; 0 is done, None cannot be told."""
    if value is None:
        return NOT_KNOWN
    if value == 0:
        return "done"
    seconds = int(value)
    if seconds < MINUTE:
        return f"{max(seconds, 1)} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min {seconds % MINUTE} s"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE} min"
    return f"{seconds // DAY:,} d {seconds % DAY // HOUR} h"


def moment(value: str, _record: Record) -> str:
    """A time of the status document on a clock in Asia/Tokyo."""
    return datetime.fromisoformat(value).astimezone(TOKYO).strftime("%Y-%m-%d %H:%M:%S")


def text(value: str | None, _record: Record) -> str:
    """Others' text with what cannot be seen, such as signs that turn the direction, written out as \\u{202e}."""
    return "".join(sign if sign.isprintable() else f"\\u{{{ord(sign):x}}}" for sign in value or "")


def presence(value: bool, _record: Record) -> str:
    return "running" if value else "not running"


def condition(value: bool | None, log: Record) -> str:
    """How a log is, in the word that matters most; ``value`` is whether it could be reached."""
    if not log["enabled"]:
        return "switched off"
    if log["paused"]:
        return "paused"
    if log["unobtainable"] and not 0 < log["wanted"] <= log["verified"]:
        return "unobtainable"
    if log["verified"] >= log["wanted"]:
        return "verified"
    if value is False:
        return "not reachable"
    if log["fault"]:
        return "resting"
    if log["done"] >= log["wanted"]:
        return "to be verified"
    return "in work" if log["out"] else "waiting"


FORMATS: dict[str, Callable[[Any, Record], str]] = {
    each.__name__: each for each in (count, rate, share, duration, moment, text, presence, condition)
}
