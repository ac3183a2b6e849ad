"""Certificates as documents for programs and pages: every column, and where each was seen."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ctcollect.models import CertificateRow, LogRow, SightingRow
from ctcollect.search import Criteria, Place
from ctcollect.store.certificate_search import find_certificates

Document = dict[str, Any]


class Answer(NamedTuple):
    """Documents, the newest certificate first, and where to go on: None at the end of the answer."""

    certificates: list[Document]
    next: Place | None


def search_certificates(session: Session, criteria: Criteria, limit: int = 1000, after: Place | None = None) -> Answer:
    """At most ``limit`` certificates that meet the criteria, after the place ``after``, with their ``sightings``.

    Fewer, or none, are no sign of the end: that is where ``next`` is None.
    """
    page = find_certificates(session, criteria, limit, after)
    rows = {row.id: row for row in session.scalars(select(CertificateRow).where(CertificateRow.id.in_(page.numbers)))}
    sightings = _sightings(session, page.numbers)
    documents = [_document(rows[n]) | {"sightings": sightings.get(n, [])} for n in page.numbers if n in rows]
    return Answer(documents, page.next)


def certificate_document(session: Session, number: int) -> Document | None:
    """One certificate by its id; each of its SCTs with the name of the log, None for a log that is not known here."""
    row = session.get(CertificateRow, number)
    if row is None:
        return None
    names: dict[str, str] = dict(session.execute(select(LogRow.log_id, LogRow.name)).all())
    scts = [{"log_id": log, "log": names.get(str(log)), "timestamp_ms": at} for log, at in row.sct_list or ()]
    return _document(row) | {"scts": scts, "sightings": _sightings(session, [number]).get(number, [])}


def _sightings(session: Session, numbers: Sequence[int]) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = {}
    statement = select(SightingRow).where(SightingRow.certificate_id.in_(numbers))
    for row in session.scalars(statement.order_by(SightingRow.leaf_timestamp, SightingRow.id)):
        sighting = {"log": row.log_name, "index": row.leaf_index, "entry_type": row.entry_type}
        sighting |= {"timestamp": row.leaf_timestamp, "friend": row.friend}
        found.setdefault(row.certificate_id, []).append(sighting)
    return found


def _document(row: CertificateRow) -> Document:
    return {column.name: getattr(row, column.name) for column in CertificateRow.__table__.columns}
