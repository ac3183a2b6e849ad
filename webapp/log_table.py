"""The table of logs: which of them are shown and in what order. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from webapp.formats import condition

Row = dict[str, Any]

# What a column is sorted by; what has no value comes last either way.
COLUMNS: Mapping[str, Callable[[Row], Any]] = {
    "name": lambda log: log["name"],
    "queue": lambda log: (log["queue"], log["name"]),
    "state": lambda log: (log["condition"], log["name"]),
    "wanted": lambda log: log["wanted"] or None,
    "done": lambda log: log["done"] / log["wanted"] if log["wanted"] else None,
    "rate": lambda log: log["entries_per_second"],
    "eta": lambda log: log["forecast"].get("p50_seconds"),
    "certificates": lambda log: log["certificates"],
    "jp": lambda log: log["jp_share"],
    "malformed": lambda log: log["malformed"],
}
SORTS = tuple(sign + column for column in COLUMNS for sign in ("", "-"))


def log_rows(logs: Iterable[Mapping[str, Any]], forecasts: Mapping[str, Any]) -> list[Row]:
    """The status document's logs with their ``condition`` and ``forecast``; first those that are planned, by name."""
    rows = [{**log, "condition": condition(log), "forecast": forecasts.get(log["name"], {})} for log in logs]
    return sorted(rows, key=lambda log: (not log["wanted"], log["name"]))


def chosen(rows: Iterable[Row], queue: str = "", state: str = "", words: str = "") -> list[Row]:
    """Those of a queue, in a condition, and with ``words`` in their name or their operator's, if these are given."""
    sought = words.casefold()
    return [
        row
        for row in rows
        if queue in ("", row["queue"])
        and state in ("", row["condition"])
        and sought in f"{row['name']} {row['operator']}".casefold()
    ]


def ordered(rows: Sequence[Row], sort: str) -> list[Row]:
    """By one of SORTS, "-" before a column being the other way round; as they come when ``sort`` is empty."""
    if not sort:
        return list(rows)
    value = COLUMNS[sort.removeprefix("-")]
    known = [row for row in rows if value(row) is not None]
    return sorted(known, key=value, reverse=sort.startswith("-")) + [row for row in rows if value(row) is None]
