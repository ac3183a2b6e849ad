"""Where the wanted entries are: verified, unverified, out, to do, or not to be had."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ctcollect.models import LeaseRow, LogRow, WindowRow
from ctcollect.store.logs import all_logs

PARTS = ("verified", "unverified", "out", "to_do", "unobtainable")


def entries_document(session: Session) -> dict[str, Any]:
    """{"wanted", "done", "verified", "unverified", "out", "to_do", "unobtainable", "logs": {name: the same}}.

    Counts of entries. ``wanted`` is the sum of PARTS, and ``done`` that of verified and unverified. Of a log that
    counts as unobtainable all that is not done is unobtainable. Of an order that is out, what its worker has brought
    already is done; ``out`` is at most what is left.
    """
    wanted, out = wanted_entries(session), _out(session)
    logs = {
        row.name: parts_of(row, wanted[row.log_id], out.get(row.log_id, 0))
        for row in all_logs(session)
        if row.log_id in wanted
    }
    names = ("wanted", "done", *PARTS)
    return {name: sum(log[name] for log in logs.values()) for name in names} | {"logs": logs}


def parts_of(row: LogRow, wanted: int, out: int) -> dict[str, int]:
    """The counts of one log."""
    left = wanted - row.entries_done
    lost = left if row.unobtainable_since else 0
    on_their_way = min(out, left - lost)
    return {
        "wanted": wanted,
        "done": row.entries_done,
        "verified": row.entries_verified,
        "unverified": row.entries_done - row.entries_verified,
        "out": on_their_way,
        "to_do": left - lost - on_their_way,
        "unobtainable": lost,
    }


def wanted_entries(session: Session) -> Mapping[str, int]:
    """How many entries of each log are wanted, by log_id; logs that nobody planned are not there."""
    return _sums(session, WindowRow)


def _out(session: Session) -> Mapping[str, int]:
    return _sums(session, LeaseRow)


def _sums(session: Session, spans: type[WindowRow | LeaseRow]) -> Mapping[str, int]:
    length = func.sum(spans.end_index - spans.start_index)
    rows = session.execute(select(spans.log_id, length).group_by(spans.log_id))
    return {log_id: int(entries) for log_id, entries in rows}
