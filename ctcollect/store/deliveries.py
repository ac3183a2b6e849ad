"""Who brought what: every span that is done, with its worker and its nodes of the Merkle tree."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from ctcollect.models import FULL, OPEN, VERIFIED, CertificateRow, DeliveryRow, LogRow, RangeRow, SightingRow
from ctcollect.protocol.merkle import Subtree
from ctcollect.ranges import UNIT_ENTRIES, Span, UnitBitmap
from ctcollect.store import credit
from ctcollect.store.discard import Discarded, discard_entries
from ctcollect.store.engine import table_of, utc_now
from ctcollect.store.reading import Reading
from ctcollect.store.second_opinions import cut_checks, drop_checks
from ctcollect.store.subtrees import add_subtrees, drop_subtrees, short_unit


class Brought(NamedTuple):
    """A span that a worker has brought: the nodes of the tree that cover it, as few as can be, and how many
    certificates were not known before."""

    reading: Reading
    row: RangeRow
    span: Span
    nodes: Sequence[Subtree]
    certificates: int


def note_deliveries(session: Session, brought: Sequence[Brought]) -> None:
    """Each of these is a delivery."""
    if brought:
        session.execute(insert(table_of(DeliveryRow)), [_delivery(each) for each in brought])
    for row in {id(each.row): each.row for each in brought}.values():
        if row.state == FULL:
            row.brought_by = _main_friend(session, row)


def _delivery(brought: Brought) -> dict[str, object]:
    reading, row = brought.reading, brought.row
    return {
        "log_id": row.log_id,
        "start_index": brought.span.start,
        "end_index": brought.span.end,
        "range_start": row.start_index,
        "worker": reading.worker,
        "friend": reading.friend,
        "nodes": _pack(brought.nodes),
        "recorded_at": utc_now(),
        "certificates": brought.certificates,
    }


def _main_friend(session: Session, row: RangeRow) -> str | None:
    """Who brought most of a range; of equals the first by name."""
    entries = func.sum(DeliveryRow.end_index - DeliveryRow.start_index)
    where = (DeliveryRow.log_id == row.log_id, DeliveryRow.range_start == row.start_index)
    statement = select(DeliveryRow.friend).where(*where).group_by(DeliveryRow.friend)
    return session.scalar(statement.order_by(entries.desc(), DeliveryRow.friend).limit(1))


def _pack(nodes: Iterable[Subtree]) -> list[list[object]]:
    return [[node.level, node.node_index, node.hash.hex()] for node in nodes]


def nodes_of(delivery: DeliveryRow) -> list[Subtree]:
    """The nodes that together cover a delivery's span."""
    return [Subtree(level, index, bytes.fromhex(digest)) for level, index, digest in delivery.nodes]


def range_deliveries(session: Session, log_id: str, range_start: int) -> Sequence[DeliveryRow]:
    """The deliveries of a range, in order: they tile what is done of it."""
    where = (DeliveryRow.log_id == log_id, DeliveryRow.range_start == range_start)
    return session.scalars(select(DeliveryRow).where(*where).order_by(DeliveryRow.start_index)).all()


def ranges_of_friend(session: Session, friend: str) -> list[tuple[str, int]]:
    """(log_id, start_index) of every range in which the friend's deliveries lie."""
    columns = (DeliveryRow.log_id, DeliveryRow.range_start)
    rows = session.execute(select(*columns).where(DeliveryRow.friend == friend).distinct())
    return [(log_id, start) for log_id, start in rows]


def discard_deliveries(
    session: Session, log_id: str, range_start: int, is_wrong: Callable[[DeliveryRow], bool]
) -> Discarded:
    """Forget the deliveries of a range that are wrong, and want their spans again; what others brought stays.

    The leaf files that are returned are those that nothing speaks of any more once this is committed.
    """
    row = session.get_one(RangeRow, (log_id, range_start), with_for_update=True)
    wrong: list[DeliveryRow] = []
    kept: list[DeliveryRow] = []
    for each in range_deliveries(session, log_id, range_start):
        (wrong if is_wrong(each) else kept).append(each)
    return _reopen(session, row, wrong, [Span(each.start_index, each.end_index) for each in wrong], kept)


def discard_range(session: Session, log_id: str, range_start: int) -> Discarded:
    """Forget all that was stored of a range, told by a delivery or not, and want it again; the rest is as above."""
    row = session.get_one(RangeRow, (log_id, range_start), with_for_update=True)
    deliveries = range_deliveries(session, log_id, range_start)
    return _reopen(session, row, deliveries, [Span(row.start_index, row.end_index)], ())


def _reopen(
    session: Session, row: RangeRow, wrong: Sequence[DeliveryRow], spans: Sequence[Span], kept: Sequence[DeliveryRow]
) -> Discarded:
    """The units of ``spans`` are not done any more, and nothing that was stored of them is left."""
    if not spans:
        return Discarded(set(), set())
    log = session.get_one(LogRow, row.log_id, with_for_update=True)
    if row.state == VERIFIED:
        log.entries_verified -= row.end_index - row.start_index
        credit.take_back(session, row)
    _mark_missing(log, row, spans)
    for each in wrong:
        session.delete(each)
    drop_checks(session, row.log_id, spans)
    parts = [discard_entries(session, log, span) for span in spans]
    _rebuild_subtrees(session, row, kept)
    log.open_ranges += row.state != OPEN
    row.state, row.issued_until, row.audit_attempts, row.audit_after = OPEN, None, 0, None
    row.verified_at, row.verified_size, row.audit_path = None, None, None
    row.brought_by = _main_friend(session, row)
    row.brought_at = max((each.recorded_at for each in kept), default=None)
    unused = _unused(session, row.log_id, set().union(*(part.leaf_files for part in parts)))
    return Discarded(unused, set().union(*(part.certificates for part in parts)))


def _mark_missing(log: LogRow, row: RangeRow, spans: Sequence[Span]) -> None:
    bitmap = UnitBitmap(Span(row.start_index, row.end_index), row.units_done)
    done = bitmap.done_entries()
    for span in spans:
        bitmap.remove(span)
    row.units_done = bitmap.to_bytes()
    log.entries_done -= done - bitmap.done_entries()
    if spans[0].start == row.start_index:
        row.first_leaf_hash = None


def _unused(session: Session, log_id: str, leaf_files: set[str]) -> set[str]:
    """The files that no sighting names: one may serve what was delivered again after the log had grown."""
    where = (SightingRow.log_id == log_id, SightingRow.leaf_file.in_(leaf_files))
    return leaf_files - set(session.scalars(select(SightingRow.leaf_file).where(*where)))


def _rebuild_subtrees(session: Session, row: RangeRow, deliveries: Iterable[DeliveryRow]) -> None:
    drop_subtrees(session, row.log_id, row.start_index)
    session.flush()
    nodes = [node for delivery in deliveries for node in nodes_of(delivery)]
    add_subtrees(session, {(row.log_id, Span(row.start_index, row.end_index)): nodes})


def drop_short_delivery(session: Session, row: RangeRow) -> None:
    """The tree has grown: the range's short last unit is not a part of any delivery, or its check, any more.

    Comes before the unit's entries are discarded, if they are.
    """
    short = short_unit(row.end_index)
    if short is None:
        return
    first = short[1] * UNIT_ENTRIES
    for delivery in range_deliveries(session, row.log_id, row.start_index):
        if delivery.end_index > first:
            kept = [node for node in nodes_of(delivery) if (node.level, node.node_index) != short]
            if row.state != VERIFIED:  # then the entries stay, and with them the certificates that they brought
                delivery.certificates -= _first_brought(session, row.log_id, Span(first, delivery.end_index))
            delivery.end_index, delivery.nodes = first, _pack(kept)
            if delivery.start_index == first:
                session.delete(delivery)
    cut_checks(session, row.log_id, Span(first, row.end_index))


def _first_brought(session: Session, log_id: str, span: Span) -> int:
    """How many certificates are known from an entry of a short span: by its sightings, for they have the index."""
    inside = (SightingRow.log_id == log_id, SightingRow.leaf_index >= span.start, SightingRow.leaf_index < span.end)
    is_first = (CertificateRow.first_log_id == log_id, CertificateRow.first_leaf_index == SightingRow.leaf_index)
    statement = select(func.count()).select_from(SightingRow).join(CertificateRow)
    return session.scalar(statement.where(*inside, *is_first)) or 0
