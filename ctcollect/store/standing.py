"""How a log stands, for the status document: what lists say of it, what holds now, whether it can be had."""

from datetime import UTC, datetime
from typing import Any

from ctcollect.catalogue import derived_state
from ctcollect.models import LogRow
from ctcollect.store.engine import utc_now

NOWHERE = "nowhere"


def standing(row: LogRow, vanished_since: datetime | None) -> dict[str, Any]:
    """The list's own state and the derived one, reachability and since when: JSON values, times in UTC.

    ``unobtainable`` is True for a log that has failed to answer for as long as the settings say.
    """
    return {
        "state": row.state,
        "state_since": _text(row.state_since),
        "derived_state": derived_state(row, utc_now()),
        "interval_start": _text(row.interval_start),
        "interval_end": _text(row.interval_end),
        "final_tree_size": row.final_tree_size,
        "vanished_since": _text(vanished_since),
        "reachable": row.reachable,
        "reachable_since": _text(row.reachable_since),
        "probed_at": _text(row.probed_at),
        "unobtainable": row.unobtainable_since is not None,
        "available_from": row.available_from,
    }


def found_in(row: LogRow, count: int) -> int | None:
    """A count of what was found in a log; None, which is not 0, when it is 0 because nobody can read the log."""
    is_lost = row.available_from == NOWHERE and not row.reachable
    return None if not count and (row.unobtainable_since or is_lost) else count


def _text(moment: datetime | None) -> str | None:
    return moment.replace(tzinfo=UTC).isoformat(timespec="seconds") if moment else None
