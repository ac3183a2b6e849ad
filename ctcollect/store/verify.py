"""What `ctcollect verify` reads: rows, counts, and nothing that it concludes."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ctcollect.models import (
    CertificateRow,
    DailyCountRow,
    LogRow,
    MalformedRow,
    RangeRow,
    SightingRow,
    TreeHeadRow,
)
from ctcollect.protocol.merkle import Subtree
from ctcollect.ranges import Span, UnitBitmap
from ctcollect.store.deliveries import nodes_of, range_deliveries

ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Sighted:
    """A sighting as it must be found again in its leaf file."""

    index: int
    leaf_file: str
    identity: str


def heads(session: Session, log_id: str) -> list[TreeHeadRow]:
    """Every stored head of a log."""
    return list(session.scalars(select(TreeHeadRow).where(TreeHeadRow.log_id == log_id)))


def ranges(session: Session, log_id: str) -> Iterator[RangeRow]:
    """The ranges of a log, in order."""
    statement = select(RangeRow).where(RangeRow.log_id == log_id).order_by(RangeRow.start_index)
    return iter(session.scalars(statement.execution_options(yield_per=ROWS_AT_ONCE)))


def delivered(session: Session, row: RangeRow) -> tuple[UnitBitmap, list[Subtree]]:
    """(the units that the range's deliveries cover, every node of theirs)."""
    bitmap = UnitBitmap(Span(row.start_index, row.end_index))
    nodes: list[Subtree] = []
    for delivery in range_deliveries(session, row.log_id, row.start_index):
        bitmap.add(Span(delivery.start_index, delivery.end_index))
        nodes.extend(nodes_of(delivery))
    return bitmap, nodes


def sightings(session: Session, log_id: str) -> Iterator[Sighted]:
    """The sightings of a log, those of one leaf file together."""
    columns = (SightingRow.leaf_index, SightingRow.leaf_file, CertificateRow.identity)
    statement = select(*columns).join(CertificateRow, CertificateRow.id == SightingRow.certificate_id)
    ordered = statement.where(SightingRow.log_id == log_id).order_by(SightingRow.leaf_file, SightingRow.leaf_index)
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
