"""The hashes of what is done: nodes of each range, siblings merged into their parents up to the range's root."""

from collections.abc import Iterable

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from ctcollect.models import SubtreeRow
from ctcollect.protocol.merkle import Subtree, merge_subtrees
from ctcollect.ranges import RANGE_ENTRIES, RANGE_LEVEL, UNIT_ENTRIES, UNIT_LEVEL, Span


def range_subtrees(session: Session, log_id: str, span: Span) -> list[Subtree]:
    """The stored nodes inside a range."""
    where = (
        SubtreeRow.log_id == log_id,
        SubtreeRow.start_index >= span.start,
        SubtreeRow.start_index < span.end,
    )
    rows = session.scalars(select(SubtreeRow).where(*where))
    return [Subtree(row.level, row.node_index, bytes.fromhex(row.hash)) for row in rows]


def add_subtrees(session: Session, log_id: str, span: Span, units: Iterable[Subtree]) -> None:
    """Add the roots of units of a range that have none yet.

    A short last unit stays by itself: when the tree grows it is replaced, its neighbours are not.
    """
    stored = set(range_subtrees(session, log_id, span))
    kept = set(merge_nodes([*stored, *units], span.end))
    _remove(session, log_id, stored - kept)
    session.add_all(_row(log_id, node) for node in kept - stored)


def merge_nodes(nodes: Iterable[Subtree], range_end: int) -> list[Subtree]:
    """Siblings merged into their parents, but for the short last unit of a range that the tree's end cuts off."""
    short = short_unit(range_end)
    perfect: list[Subtree] = []
    cut_off: list[Subtree] = []
    for node in nodes:
        (cut_off if (node.level, node.node_index) == short else perfect).append(node)
    return [*merge_subtrees(perfect, RANGE_LEVEL), *cut_off]


def short_unit(tree_size: int) -> tuple[int, int] | None:
    """(level, node_index) of the unit that is cut off by the end of the tree; None when none is."""
    return (UNIT_LEVEL, tree_size // UNIT_ENTRIES) if tree_size % UNIT_ENTRIES else None


def _row(log_id: str, node: Subtree) -> SubtreeRow:
    start = node.node_index << node.level
    return SubtreeRow(
        log_id=log_id, level=node.level, node_index=node.node_index, start_index=start, hash=node.hash.hex()
    )


def _remove(session: Session, log_id: str, nodes: Iterable[Subtree]) -> None:
    keys = [(node.level, node.node_index) for node in nodes]
    if keys:
        key = tuple_(SubtreeRow.level, SubtreeRow.node_index)
        session.execute(delete(SubtreeRow).where(SubtreeRow.log_id == log_id, key.in_(keys)))


def drop_subtrees(session: Session, log_id: str, start_index: int) -> None:
    """Forget every node of the range that begins at ``start_index``."""
    where = (SubtreeRow.start_index >= start_index, SubtreeRow.start_index < start_index + RANGE_ENTRIES)
    session.execute(delete(SubtreeRow).where(SubtreeRow.log_id == log_id, *where))


def drop_short_subtree(session: Session, log_id: str, tree_size: int) -> None:
    """Forget the short last unit of a tree that has grown."""
    short = short_unit(tree_size)
    if short:
        where = (SubtreeRow.level == short[0], SubtreeRow.node_index == short[1])
        session.execute(delete(SubtreeRow).where(SubtreeRow.log_id == log_id, *where))
