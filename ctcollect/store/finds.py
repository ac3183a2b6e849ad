"""The latest certificates, newest first: a page of them by their number, however many there are."""

from collections.abc import Collection
from datetime import UTC
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from ctcollect.models import CertificateNameRow, CertificateRow, LogRow, SightingRow

MOST = 200


def latest_finds(session: Session, limit: int = 20, before: int | None = None) -> list[dict[str, Any]]:
    """Up to ``limit`` (1 to 200) certificates in the order in which they came to the collection, the last one first.

    [{"id", "name", "organisation_type", "issuer", "log", "friend", "found_at"}]: ``name`` is the first of its .jp names
    by the alphabet, a wildcard before others, None when it has none that can be read; ``log`` and ``friend`` are those
    of the first sighting, ``friend`` None when that one was discarded. ``before``: only those with a smaller id, for
    the next page.
    """
    rows = _certificates(session, max(1, min(limit, MOST)), before)
    names = _first_names(session, [row.id for row in rows])
    return [_document(row, *names.get(row.id, (None, None))) for row in rows]


def _certificates(session: Session, limit: int, before: int | None) -> list[Row[Any]]:
    first_sighting = and_(
        SightingRow.log_id == CertificateRow.first_log_id,
        SightingRow.leaf_index == CertificateRow.first_leaf_index,
        SightingRow.certificate_id == CertificateRow.id,
    )
    columns = (CertificateRow.id, CertificateRow.issuer_o, CertificateRow.issuer_cn, CertificateRow.first_seen_at)
    statement = (
        select(*columns, LogRow.name, SightingRow.friend)
        .outerjoin(LogRow, LogRow.log_id == CertificateRow.first_log_id)
        .outerjoin(SightingRow, first_sighting)
        .order_by(CertificateRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(CertificateRow.id < before)
    return list(session.execute(statement))


def _first_names(session: Session, numbers: Collection[int]) -> dict[int, tuple[str, str]]:
    """(name, organisation type) by certificate; one jump of an index each, also where it has 10,000 names."""
    names = CertificateNameRow
    of_each = (names.certificate_id, func.min(names.name).label("name"))
    first = select(*of_each).where(names.certificate_id.in_(numbers)).group_by(names.certificate_id).subquery()
    is_it = and_(names.certificate_id == first.c.certificate_id, names.name == first.c.name)
    rows = session.execute(select(names.certificate_id, names.name, names.organisation_type).join(first, is_it))
    return {number: (name, kind) for number, name, kind in rows}


def _document(row: Row[Any], name: str | None, organisation_type: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": name,
        "organisation_type": organisation_type,
        "issuer": row.issuer_o or row.issuer_cn,
        "log": row.name,
        "friend": row.friend,
        "found_at": row.first_seen_at.replace(tzinfo=UTC).isoformat(timespec="seconds"),
    }
