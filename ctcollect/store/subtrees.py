"""The hashes of what is done: nodes of each range, siblings merged into their parents up to the range's root."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import and_, delete, false, insert, or_, select
from sqlalchemy.orm import Session

from ctcollect.models import SubtreeRow
from ctcollect.protocol.merkle import Subtree, merge_subtrees
from ctcollect.ranges import RANGE_ENTRIES, RANGE_LEVEL, UNIT_ENTRIES, UNIT_LEVEL, Span
from ctcollect.store.engine import is_among, table_of

# By log and range, (log_id, span).
Nodes = Mapping[tuple[str, Span], Sequence[Subtree]]


def range_subtrees(session: Session, log_id: str, span: Span) -> list[Subtree]:
    """The stored nodes inside a range."""
    where = (
        SubtreeRow.log_id == log_id,
        SubtreeRow.start_index >= span.start,
        SubtreeRow.start_index < span.end,
    )
    rows = session.scalars(select(SubtreeRow).where(*where))
    return [Subtree(row.level, row.node_index, bytes.fromhex(row.hash)) for row in rows]


def add_subtrees(session: Session, nodes: Nodes) -> None:
    """Add nodes of ranges, of units that have none yet.

    A short last unit stays by itself: when the tree grows it is replaced, its neighbours are not.
    """
    stored = _stored(session, nodes)
    gone: list[tuple[str, Subtree]] = []
    new: list[dict[str, object]] = []
    for (log_id, span), added in nodes.items():
        before = stored.get((log_id, span.start), set())
        kept = set(merge_nodes([*before, *added], span.end))
        gone.extend((log_id, node) for node in before - kept)
        new.extend(_row(log_id, node) for node in kept - before)
    _remove(session, gone)
    if new:
        session.execute(insert(table_of(SubtreeRow)), new)


def _stored(session: Session, nodes: Nodes) -> dict[tuple[str, int], set[Subtree]]:
    """By log and the range's start."""
    at = SubtreeRow.start_index
    ranges = (and_(SubtreeRow.log_id == log_id, at >= span.start, at < span.end) for log_id, span in nodes)
    columns = (SubtreeRow.log_id, at, SubtreeRow.level, SubtreeRow.node_index, SubtreeRow.hash)
    found: dict[tuple[str, int], set[Subtree]] = {}
    for log_id, start, level, node_index, digest in session.execute(select(*columns).where(or_(false(), *ranges))):
        key = (log_id, start - start % RANGE_ENTRIES)
        found.setdefault(key, set()).add(Subtree(level, node_index, bytes.fromhex(digest)))
    return found


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


def _row(log_id: str, node: Subtree) -> dict[str, object]:
    place = {"log_id": log_id, "level": node.level, "node_index": node.node_index}
    return place | {"start_index": node.start, "hash": node.hash.hex()}


def _remove(session: Session, nodes: Iterable[tuple[str, Subtree]]) -> None:
    keys = [(log_id, node.level, node.node_index) for log_id, node in nodes]
    if keys:
        key = (SubtreeRow.log_id, SubtreeRow.level, SubtreeRow.node_index)
        session.execute(delete(SubtreeRow).where(is_among(key, keys)))


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
