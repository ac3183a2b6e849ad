"""The lines of ``ctcollect logs list`` for people."""

from typing import Any

from ctcollect.ranges import Span

COLUMNS = (
    "name", "queue", "kind", "state", "since", "holds now", "reachable", "window", "wanted", "done", "verified",
    "progress", "notes",
)  # fmt: skip
DAY_CHARACTERS = len("2026-01-31")


def log_line(log: dict[str, Any]) -> list[Any]:
    """A log of the status document as COLUMNS: the list's own state, since when, and the derived state side by side."""
    window = ", ".join(str(Span(start, end)) for start, end in log["window"])
    return [
        *(log["name"], log["queue"], log["kind"], log["state"], _day(log["state_since"]), log["derived_state"]),
        *(reachability(log), window or None, log["wanted"], log["done"], log["verified"], _progress(log)),
        "; ".join(_notes(log)) or None,
    ]


def reachability(log: dict[str, Any]) -> str | None:
    """``yes since 2026-11-22``, ``no since ...`` or ``unobtainable since ...``; None when nobody has asked yet."""
    if log["reachable"] is None:
        return None
    word = "unobtainable" if log["unobtainable"] else "yes" if log["reachable"] else "no"
    return f"{word} since {_day(log['reachable_since'])}"


def _notes(log: dict[str, Any]) -> list[str]:
    switches = ["switched off"] * (not log["enabled"]) + ["paused"] * log["paused"]
    listed = [f"vanished from the lists by {_day(log['vanished_since'])}"] * bool(log["vanished_since"])
    waiting = [f"waits for {log['waiting_for']}"] * bool(log["waiting_for"])
    return switches + waiting + listed + [f"available from {log['available_from']}"] * bool(log["available_from"])


def _day(time: str | None) -> str | None:
    return time[:DAY_CHARACTERS] if time else None


def _progress(log: dict[str, Any]) -> str | None:
    """Rounded down: 100 % only when nothing is left."""
    tenths = log["done"] * 1000 // log["wanted"] if log["wanted"] else None
    return None if tenths is None else f"{tenths // 10}.{tenths % 10} %"
