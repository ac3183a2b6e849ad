"""The map of a log: its tree cut into blocks of ranges, how many of each are in which state, and who brought most.

It is read from an index that holds all it needs; the rows of ranges are wide, and deliveries are far too many.
"""

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from ctcollect.models import FULL, OPEN, VERIFIED, LeaseRow, RangeRow
from ctcollect.ranges import RANGE_ENTRIES
from ctcollect.store.engine import by_index, utc_now
from ctcollect.store.formats import utc_text
from ctcollect.store.logs import log_named

CELLS_AT_MOST = 2000
MAP_INDEX = ("log_id", "state", "brought_by", "brought_at")
OUT = "out"
STATES = (OPEN, FULL, VERIFIED)


def range_map(session: Session, name: str, cells: int = 1000) -> dict[str, Any]:
    """{"log", "as_of", "tree_size", "block_entries", "blocks": [...]} of a log, in at most ``cells`` (2,000) blocks.

    A block: ``start``, ``end`` (entries, half-open, the last one cut off by the tree's end); the number of its ranges
    that are ``open``, ``out`` (open, and something of it is with a worker or in a queue), ``full``, ``verified`` and
    ``unwanted``, which together are all; ``friend`` who brought most ranges of it, and ``last_at`` when the last piece
    of it came (None where nothing was brought). ConfigurationError when there is no such log.
    """
    log = log_named(session, name)
    size = max(log.tree_size, _planned_end(session, log.log_id))
    ranges = -(-size // RANGE_ENTRIES)
    block = max(1, -(-ranges // max(1, min(cells, CELLS_AT_MOST)))) * RANGE_ENTRIES
    blocks = {start: _empty(start, min(start + block, size)) for start in range(0, size, block)}
    _count_states(session, log.log_id, block, blocks)
    _count_out(session, log.log_id, block, blocks)
    _name_friends(session, log.log_id, block, blocks)
    heading = {"log": log.name, "as_of": utc_text(utc_now()), "tree_size": log.tree_size, "block_entries": block}
    return heading | {"blocks": list(blocks.values())}


def _planned_end(session: Session, log_id: str) -> int:
    return session.scalar(select(func.max(RangeRow.start_index) + 1).where(RangeRow.log_id == log_id)) or 0


def _empty(start: int, end: int) -> dict[str, Any]:
    ranges = -(-(end - start) // RANGE_ENTRIES)
    counts = dict.fromkeys((*STATES, OUT), 0)
    return {"start": start, "end": end, **counts, "unwanted": ranges, "friend": None, "last_at": None}


def _block_of(start_index: ColumnElement[int] | Any, block: int) -> ColumnElement[int]:
    """Not by a quotient: MySQL's has four decimals."""
    difference: ColumnElement[int] = start_index - start_index % block
    return difference


def _of_log(log_id: str) -> tuple[ColumnElement[bool], ...]:
    return RangeRow.log_id == log_id, RangeRow.state.in_(STATES)


def _count_states(session: Session, log_id: str, block: int, blocks: dict[int, dict[str, Any]]) -> None:
    start = _block_of(RangeRow.start_index, block).label("block")
    columns = (start, RangeRow.state, func.count(), func.max(RangeRow.brought_at))
    counts = select(*columns).where(*_of_log(log_id)).group_by("block", RangeRow.state)
    for at, state, count, last_at in session.execute(by_index(counts, RangeRow, *MAP_INDEX)):
        found = blocks[at]
        found[state] += count
        found["unwanted"] -= count
        if last_at is not None:
            found["last_at"] = max(found["last_at"] or "", last_at.isoformat(timespec="seconds") + "+00:00")


def _count_out(session: Session, log_id: str, block: int, blocks: dict[int, dict[str, Any]]) -> None:
    """Leases are few: no more than the queues hold and the workers do."""
    starts = select(LeaseRow.range_start).where(LeaseRow.log_id == log_id).distinct()
    is_open = (RangeRow.log_id == log_id, RangeRow.state == OPEN, RangeRow.start_index.in_(starts))
    for start in session.scalars(select(RangeRow.start_index).where(*is_open)):
        found = blocks[start - start % block]
        found[OPEN] -= 1
        found[OUT] += 1


def _name_friends(session: Session, log_id: str, block: int, blocks: dict[int, dict[str, Any]]) -> None:
    start = _block_of(RangeRow.start_index, block).label("block")
    brought = by_index(select(start, RangeRow.brought_by, func.count().label("ranges")), RangeRow, *MAP_INDEX)
    known = brought.where(*_of_log(log_id), RangeRow.brought_by.is_not(None))
    each = known.group_by("block", RangeRow.brought_by).subquery().c
    place = func.row_number().over(partition_by=each.block, order_by=(each.ranges.desc(), each.brought_by))
    ranked = select(each.block, each.brought_by, place.label("place")).subquery().c
    for at, friend in session.execute(select(ranked.block, ranked.brought_by).where(ranked.place == 1)):
        blocks[at]["friend"] = friend
