"""A ledger that is planned, brought to any share of done: what workers and audits would have left behind.

Of each log the first ranges are verified, with the nodes, deliveries and audit paths that `ctcollect verify` holds
against the signed head; the rest is open. A range has PIECES deliveries and one second opinion, as one in a hundred
of those of 1,024 entries gets.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, select, text, update
from sqlalchemy.dialects import mysql

from benchmarks.ledger_logs import PIECE_LEVEL, PIECES, MadeLog
from ctcollect.models import FULL, OPEN, VERIFIED, LeaseRow, LogRow, RangeRow, SubtreeRow
from ctcollect.ranges import BITMAP_BYTES, RANGE_ENTRIES, RANGE_LEVEL
from ctcollect.store.engine import table_of, utc_now

ROWS_AT_ONCE = 2000
ALL_DONE = b"\xff" * BITMAP_BYTES
PIECE_ENTRIES = RANGE_ENTRIES // PIECES
FRIENDS = 20
BULK = "SET unique_checks = 0, foreign_key_checks = 0"
ANALYSES = [f"ANALYZE TABLE {table}" for table in ("ranges", "deliveries", "subtrees", "leases", "second_opinions")]
DELIVERIES = f"""INSERT INTO deliveries (log_id, start_index, end_index, range_start, worker, friend, nodes,
  recorded_at, certificates)
SELECT log_id, start_index + n.seq * {PIECE_ENTRIES}, start_index + (n.seq + 1) * {PIECE_ENTRIES}, start_index,
  CONCAT(brought_by, '@host'), brought_by,
  CONCAT('[[{PIECE_LEVEL}, ', start_index DIV {PIECE_ENTRIES} + n.seq, ', "',
    SHA2(CONCAT(log_id, ':', start_index, ':', n.seq), 256), '"]]'), brought_at, 0
FROM ranges, seq_0_to_{PIECES - 1} n WHERE log_id = :log_id AND start_index >= :start AND start_index < :end"""

OPINIONS = """INSERT INTO second_opinions (log_id, start_index, end_index, range_start, queue, first_friend,
  second_friend, state, checked_until, asked_at, answered_at)
SELECT log_id, start_index, start_index + 1024, start_index, queue, brought_by, 'friend', 'agreed', start_index + 1024,
  brought_at, brought_at
FROM ranges JOIN logs USING (log_id) WHERE log_id = :log_id AND start_index >= :start AND start_index < :end"""


def bring_to(engine: Engine, logs: Sequence[MadeLog], before: float, share: float) -> None:
    """From the share ``before`` of done to ``share``, with nothing out."""
    with engine.connect() as connection:
        connection.exec_driver_sql(BULK)
        connection.execute(delete(LeaseRow))
        connection.execute(update(RangeRow).where(RangeRow.issued_until.is_not(None)).values(issued_until=None))
        for each in logs:
            _verify(connection, each, int(each.ranges * before), int(each.ranges * share))
            connection.commit()
        for statement in ANALYSES:
            connection.exec_driver_sql(statement)


def _verify(connection: Connection, made: MadeLog, first: int, end: int) -> None:
    rows = _rows(made, range(first, end), utc_now())
    table = table_of(RangeRow)
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        new = mysql.insert(table)
        changes = {name: new.inserted[name] for name in batch[0] if name not in table.primary_key.columns}
        connection.execute(new.on_duplicate_key_update(changes), batch)
        nodes = [_node(made, row["start_index"] // RANGE_ENTRIES) for row in batch]
        connection.execute(mysql.insert(table_of(SubtreeRow)), nodes)
    span = {"log_id": made.log.log_id, "start": first * RANGE_ENTRIES, "end": end * RANGE_ENTRIES}
    for statement in (DELIVERIES, OPINIONS):
        connection.execute(text(statement), span)
    _count(connection, made.log.log_id)


def _rows(made: MadeLog, numbers: range, now: datetime) -> Iterator[dict[str, Any]]:
    for number in numbers:
        yield {
            "log_id": made.log.log_id,
            "start_index": number * RANGE_ENTRIES,
            "end_index": (number + 1) * RANGE_ENTRIES,
            "state": VERIFIED,
            "units_done": ALL_DONE,
            "first_leaf_hash": "00" * 32,
            "attempts": 1,
            "audit_attempts": 0,
            "verified_at": now,
            "verified_size": made.tree_size,
            "audit_path": [each.hex() for each in made.audit_path(number)],
            "brought_by": f"friend{number % FRIENDS}",
            "brought_at": now - timedelta(seconds=made.ranges - number),
        }


def _node(made: MadeLog, number: int) -> dict[str, Any]:
    place = {"log_id": made.log.log_id, "level": RANGE_LEVEL, "node_index": number}
    return place | {"start_index": number * RANGE_ENTRIES, "hash": made.range_root(number).hex()}


def _count(connection: Connection, log_id: str) -> None:
    """The counters that recorder and audit would have kept."""
    states = select(RangeRow.state, func.count()).where(RangeRow.log_id == log_id).group_by(RangeRow.state)
    counts: dict[str, int] = dict(connection.execute(states).all())
    verified = counts.get(VERIFIED, 0) * RANGE_ENTRIES
    done = verified + counts.get(FULL, 0) * RANGE_ENTRIES
    counters = {"entries_done": done, "entries_verified": verified, "open_ranges": counts.get(OPEN, 0)}
    connection.execute(update(LogRow).where(LogRow.log_id == log_id).values(**counters))


def leave_unaudited(engine: Engine, share: float, audit_after: datetime | None) -> None:
    """One range in 1 / ``share`` of those that are verified is only full, and its audit due at ``audit_after``."""
    every = round(1 / share)
    chosen = (RangeRow.state == VERIFIED, RangeRow.start_index / RANGE_ENTRIES % every == 0)
    with engine.begin() as connection:
        connection.execute(update(RangeRow).where(*chosen).values(state=FULL, audit_after=audit_after))


def audit_all(engine: Engine) -> None:
    """What leave_unaudited() did, undone."""
    with engine.begin() as connection:
        connection.execute(update(RangeRow).where(RangeRow.state == FULL).values(state=VERIFIED, audit_after=None))


def expire_leases(engine: Engine) -> None:
    """All that is out should have come back a second ago."""
    past = utc_now() - timedelta(seconds=1)
    with engine.begin() as connection:
        for table in (LeaseRow, RangeRow):
            out = table.issued_until.is_not(None)
            connection.execute(update(table).where(out).values(issued_until=past))
