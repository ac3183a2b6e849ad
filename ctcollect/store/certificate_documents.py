"""Certificates as documents for programs and pages: every column, and where each was seen."""

from collections.abc import Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ctcollect.models import CertificateNameRow, CertificateRow, LogRow, SightingRow
from ctcollect.search import Criteria, Place
from ctcollect.store.certificate_forms import PRECERT
from ctcollect.store.certificate_search import Page, find_certificates

LISTED = ("id", "issuer_o", "issuer_cn", "common_name", "not_before", "not_after", "is_final_seen")
PATIENCE_SECONDS = 0.5
Document = dict[str, Any]


class Answer(NamedTuple):
    """Documents, the newest certificate first, and where to go on: None at the end of the answer."""

    certificates: list[Document]
    next: Place | None


def search_certificates(session: Session, criteria: Criteria, limit: int = 1000, after: Place | None = None) -> Answer:
    """At most ``limit`` certificates that meet the criteria, after the place ``after``, with their ``sightings``.

    Fewer, or none, are no sign of the end: that is where ``next`` is None.
    """
    page = _find(session, criteria, limit, after)
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
    scts = [_sct(str(log), at, names) for log, at in row.sct_list or ()]
    return _document(row) | {"scts": scts, "sightings": _sightings(session, [number]).get(number, [])}


def certificate_rows(session: Session, criteria: Criteria, limit: int, after: Place | None = None) -> Answer:
    """As search_certificates, with the few fields that a list shows: LISTED, the first .jp name and their number."""
    page = _find(session, criteria, limit, after)
    rows = {row.id: row._asdict() for row in session.execute(_listed(page.numbers))}
    return Answer([rows[number] for number in page.numbers if number in rows], page.next)


def _find(session: Session, criteria: Criteria, limit: int, after: Place | None) -> Page:
    """Goes on past pages on which there is nothing, for as long as a reader likes to wait."""
    until = monotonic() + PATIENCE_SECONDS
    page = find_certificates(session, criteria, limit, after)
    while page.next and not page.numbers and monotonic() < until:
        page = find_certificates(session, criteria, limit, page.next)
    return page


def _listed(numbers: Sequence[int]) -> Select[Any]:
    columns = [getattr(CertificateRow, name) for name in LISTED]
    names = CertificateNameRow.name
    of_names = (func.min(names).label("first_name"), func.count(names).label("jp_names"))
    joined = select(*columns, *of_names).join_from(CertificateRow, CertificateNameRow)
    return joined.where(CertificateRow.id.in_(numbers)).group_by(CertificateRow.id)


def stored_leaves(session: Session, number: int, most: int) -> list[tuple[str, int, str]]:
    """(leaf file, leaf index, identity) of sightings of a certificate: at most ``most`` of its final form come first,
    then at most as many of precertificates."""
    columns = (SightingRow.leaf_file, SightingRow.leaf_index, CertificateRow.identity)
    of_it = select(*columns).join_from(SightingRow, CertificateRow).where(SightingRow.certificate_id == number)
    leaves: list[tuple[str, int, str]] = []
    for is_precert in (False, True):
        form = of_it.where((SightingRow.entry_type == PRECERT) == is_precert).order_by(SightingRow.id).limit(most)
        leaves += [(path, index, identity) for path, index, identity in session.execute(form)]
    return leaves


def _sct(log_id: str, timestamp_ms: Any, names: dict[str, str]) -> Document:
    """``timestamp`` is None for a time beyond the calendar's end."""
    try:
        at = datetime.fromtimestamp(timestamp_ms / 1000, UTC).replace(tzinfo=None)
    except (OverflowError, ValueError, OSError):
        at = None
    return {"log_id": log_id, "log": names.get(log_id), "timestamp_ms": timestamp_ms, "timestamp": at}


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
