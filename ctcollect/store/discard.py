"""Forgetting what was stored of a span of a log that turned out not to be the log's."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ctcollect.models import CertificateNameRow, CertificateRow, DailyCountRow, LogRow, MalformedRow, SightingRow
from ctcollect.ranges import Span
from ctcollect.store.engine import tokyo_day

PRECERT = "precert"


@dataclass(frozen=True, slots=True)
class Discarded:
    """What discarded sightings leave behind: the leaf files that they named, and certificates, by id, that others
    still show but of which some fields may have come from what was false."""

    leaf_files: set[str]
    certificates: set[int]


def discard_entries(session: Session, log: LogRow, span: Span) -> Discarded:
    """Delete the span's sightings and malformed entries and what rests on them alone; ``log`` is locked.

    Counters follow, save those of work: a day's entries stay read.
    """
    discarded = _discard_sightings(session, log, span)
    _discard_malformed(session, log, span)
    return discarded


def _discard_sightings(session: Session, log: LogRow, span: Span) -> Discarded:
    inside = (SightingRow.log_id == log.log_id, *_inside(SightingRow.leaf_index, span))
    gone = session.scalars(select(SightingRow).where(*inside)).all()
    touched = {row.certificate_id for row in gone}
    session.execute(delete(SightingRow).where(*inside))
    left = session.scalars(select(SightingRow).where(SightingRow.certificate_id.in_(touched))).all()
    log.sightings -= len(gone)
    log.certificates -= len(touched - {row.certificate_id for row in left if row.log_id == log.log_id})
    for day, count in Counter(tokyo_day(row.collected_at) for row in gone).items():
        session.get_one(DailyCountRow, (day, log.name)).uploaded -= count
    still_seen = {row.certificate_id for row in left}
    _discard_certificates(session, touched - still_seen)
    _forget_forms(session, left)
    return Discarded({row.leaf_file for row in gone}, still_seen)


def _discard_certificates(session: Session, numbers: Collection[int]) -> None:
    """Certificates of which no sighting is left; the days on which they were registered count them no more."""
    rows = session.scalars(select(CertificateRow).where(CertificateRow.id.in_(numbers))).all()
    names: dict[str, str] = dict(session.execute(select(LogRow.log_id, LogRow.name)).all())
    for row in rows:
        session.get_one(DailyCountRow, (tokyo_day(row.first_seen_at), names[row.first_log_id])).registered -= 1
    session.execute(delete(CertificateNameRow).where(CertificateNameRow.certificate_id.in_(numbers)))
    session.execute(delete(CertificateRow).where(CertificateRow.id.in_(numbers)))


def _forget_forms(session: Session, left: Collection[SightingRow]) -> None:
    """A form that no sighting shows any more was not seen; the SCT list came with the final one."""
    forms: dict[int, set[str]] = {}
    for row in left:
        forms.setdefault(row.certificate_id, set()).add(row.entry_type)
    for certificate in session.scalars(select(CertificateRow).where(CertificateRow.id.in_(forms))):
        seen = forms[certificate.id]
        certificate.is_precert_seen = PRECERT in seen
        certificate.is_final_seen = bool(seen - {PRECERT})
        if not certificate.is_final_seen:
            certificate.sct_list = []


def _discard_malformed(session: Session, log: LogRow, span: Span) -> None:
    inside = (MalformedRow.log_id == log.log_id, *_inside(MalformedRow.leaf_index, span))
    log.malformed -= session.scalar(select(func.count()).select_from(MalformedRow).where(*inside)) or 0
    session.execute(delete(MalformedRow).where(*inside))


def _inside(column: InstrumentedAttribute[int], span: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return column >= span.start, column < span.end
