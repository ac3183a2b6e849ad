"""What `ctcollect verify` reads: rows, counts, and nothing that it concludes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ctcollect.models import (
    CertificateRow,
    DailyCountRow,
    DeliveryRow,
    LogRow,
    MalformedRow,
    RangeRow,
    SightingRow,
    SubtreeRow,
    TreeHeadRow,
)
from ctcollect.protocol.merkle import Subtree
from ctcollect.ranges import RANGE_ENTRIES, Span, UnitBitmap
from ctcollect.store.deliveries import nodes_of

ROWS_AT_ONCE = 1000
# A range may have 4,096 deliveries, with a node each or more; most have 4 to 128.
RANGES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Sighted:
    """A sighting as it must be found again in its leaf file."""

    index: int
    leaf_file: str
    identity: str


@dataclass(frozen=True, slots=True)
class StoredRange:
    """A range as its row has it."""

    span: Span
    state: str
    units_done: bytes
    verified_size: int | None
    audit_path: Sequence[str]


@dataclass(frozen=True, slots=True)
class Delivered:
    """A range with what its deliveries say of it: the units that they cover, and every node of theirs."""

    range: StoredRange
    covered: UnitBitmap
    nodes: Sequence[Subtree]
    stored_nodes: Sequence[Subtree]


def begin_anew(session: Session) -> None:
    """All that is read until this is called again is of one moment, whatever others write meanwhile."""
    session.rollback()
    if session.get_bind().dialect.name != "sqlite":  # which knows no other way
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def head_sizes(session: Session, log_id: str) -> Sequence[int]:
    """The sizes of which a head of the log is stored, in order."""
    sizes = select(TreeHeadRow.tree_size).where(TreeHeadRow.log_id == log_id)
    return session.scalars(sizes.distinct().order_by(TreeHeadRow.tree_size)).all()


def heads(session: Session, log_id: str, sizes: Iterable[int]) -> Sequence[TreeHeadRow]:
    """The stored heads of these sizes."""
    of_log = select(TreeHeadRow).where(TreeHeadRow.log_id == log_id, TreeHeadRow.tree_size.in_(sizes))
    return session.scalars(of_log.order_by(TreeHeadRow.tree_size)).all()


def ranges(session: Session, log_id: str, at_once: int = ROWS_AT_ONCE) -> Iterator[list[StoredRange]]:
    """The ranges of a log in order, ``at_once`` in a list: each list is read when it is asked for."""
    columns = (RangeRow.start_index, RangeRow.end_index, RangeRow.state, RangeRow.units_done)
    statement = select(*columns, RangeRow.verified_size, RangeRow.audit_path).where(RangeRow.log_id == log_id)
    ordered, last = statement.order_by(RangeRow.start_index).limit(at_once), -1
    while rows := session.execute(ordered.where(RangeRow.start_index > last)).all():
        yield [
            StoredRange(Span(start, end), state, units_done, size, path or ())
            for start, end, state, units_done, size, path in rows
        ]
        last = rows[-1].start_index


def nodes(session: Session, log_id: str, found: Sequence[StoredRange]) -> dict[int, list[Subtree]]:
    """The stored nodes of neighbouring ranges, by the start of each range."""
    of_log = select(SubtreeRow.start_index, SubtreeRow.level, SubtreeRow.node_index, SubtreeRow.hash)
    by_range: dict[int, list[Subtree]] = {each.span.start: [] for each in found}
    for start, level, index, digest in session.execute(of_log.where(*_inside(SubtreeRow, log_id, found))):
        by_range.setdefault(start - start % RANGE_ENTRIES, []).append(Subtree(level, index, bytes.fromhex(digest)))
    return by_range


def delivered(session: Session, log_id: str) -> Iterator[list[Delivered]]:
    """The ranges of a log in order, some in a list that is of one moment, with what was delivered of them."""
    begin_anew(session)
    for found in ranges(session, log_id, RANGES_AT_ONCE):
        covered, brought = _brought(session, log_id, found)
        stored = nodes(session, log_id, found)
        starts = (each.span.start for each in found)
        yield [Delivered(each, covered[at], brought[at], stored[at]) for each, at in zip(found, starts, strict=True)]
        begin_anew(session)


def _brought(
    session: Session, log_id: str, found: Sequence[StoredRange]
) -> tuple[dict[int, UnitBitmap], dict[int, list[Subtree]]]:
    """By the start of each range: the units that its deliveries cover, and their nodes."""
    covered = {each.span.start: UnitBitmap(each.span) for each in found}
    brought: dict[int, list[Subtree]] = {start: [] for start in covered}
    for delivery in session.scalars(select(DeliveryRow).where(*_inside(DeliveryRow, log_id, found))):
        if delivery.range_start in covered:
            covered[delivery.range_start].add(Span(delivery.start_index, delivery.end_index))
            brought[delivery.range_start] += nodes_of(delivery)
    return covered, brought


def _inside(table: type[SubtreeRow | DeliveryRow], log_id: str, found: Sequence[StoredRange]) -> tuple[Any, ...]:
    first, end = found[0].span.start, found[-1].span.start + RANGE_ENTRIES
    return table.log_id == log_id, table.start_index >= first, table.start_index < end


def sightings(session: Session, log_id: str) -> Iterator[Sighted]:
    """The sightings of a log in its order, in which those of one leaf file come together."""
    columns = (SightingRow.leaf_index, SightingRow.leaf_file, CertificateRow.identity)
    statement = select(*columns).join(CertificateRow, CertificateRow.id == SightingRow.certificate_id)
    ordered = statement.where(SightingRow.log_id == log_id).order_by(SightingRow.leaf_index)
    for index, leaf_file, identity in session.execute(ordered.execution_options(yield_per=ROWS_AT_ONCE)):
        yield Sighted(index, leaf_file, identity)


def counted(session: Session, log_id: str) -> dict[str, int]:
    """The rows that the counters of ``logs`` speak of."""
    mine = SightingRow.log_id == log_id
    return {
        "sightings": _count(session, select(func.count()).select_from(SightingRow).where(mine)),
        "certificates": _count(session, select(func.count(SightingRow.certificate_id.distinct())).where(mine)),
        "malformed": _count(
            session, select(func.count()).select_from(MalformedRow).where(MalformedRow.log_id == log_id)
        ),
    }


def registered(session: Session) -> tuple[int, int]:
    """(certificates that the daily counts tell, certificates that there are)."""
    told = _count(session, select(func.sum(DailyCountRow.registered)))
    return told, _count(session, select(func.count()).select_from(CertificateRow))


def orphans(session: Session) -> int:
    """Certificates of which there is no sighting."""
    seen = select(SightingRow.id).where(SightingRow.certificate_id == CertificateRow.id).exists()
    return _count(session, select(func.count()).select_from(CertificateRow).where(~seen))


def _count(session: Session, statement: object) -> int:
    return int(session.scalar(statement) or 0)  # type: ignore[call-overload]


def log_counters(log: LogRow) -> dict[str, int]:
    """The same figures as counted(), as the recorder kept them."""
    return {"sightings": log.sightings, "certificates": log.certificates, "malformed": log.malformed}
