"""Certificates, one row an issuance, and their names, as they are recorded."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ctcollect.certificate import CertificateFields
from ctcollect.domains import organisation_type, registered_domain
from ctcollect.models import CertificateNameRow, CertificateRow, SightingRow
from ctcollect.search import UNREADABLE, text_key
from ctcollect.store.engine import insert_new, table_of
from ctcollect.store.reading import Found

PRECERT = "precert"
# Columns with a bound: a hostile certificate may hold a serial of a million digits.
LONGEST = {"serial": 512, "signature_algorithm": 128, "key_type": 64}


def put_certificates(
    session: Session, log_id: str, found: Sequence[Found], seen_at: datetime
) -> tuple[dict[str, int], list[int]]:
    """Insert the certificates that are new; note the forms in which known ones were seen.

    Returns (identity -> id, the indices of the entries that each brought one new to the whole collection).
    """
    first = {each.fields.identity: each for each in reversed(found)}
    known = _ids(session, list(first))
    # Sorted, so that two recorders that bring the same certificates wait for each other instead of locking up.
    fresh = [first[identity] for identity in sorted(first) if identity not in known]
    insert_new(session, table_of(CertificateRow), [_row(log_id, each, seen_at) for each in fresh])
    ids = known | _ids(session, [each.fields.identity for each in fresh])
    first_brought = _own(session, log_id, fresh, ids)
    _put_names(session, fresh, ids)
    _note_forms(session, found, ids)
    return ids, first_brought


def _ids(session: Session, identities: Sequence[str]) -> dict[str, int]:
    statement = select(CertificateRow.identity, CertificateRow.id).where(CertificateRow.identity.in_(identities))
    return dict(session.execute(statement).all())


def _own(session: Session, log_id: str, fresh: Sequence[Found], ids: dict[str, int]) -> list[int]:
    """The entries of which the rows are ours: another recorder may have inserted one at the same moment."""
    numbers = {ids[each.fields.identity]: each.index for each in fresh}
    columns = (CertificateRow.id, CertificateRow.first_log_id, CertificateRow.first_leaf_index)
    rows = session.execute(select(*columns).where(CertificateRow.id.in_(numbers)))
    return [index for number, first_log, index in rows if first_log == log_id and numbers[number] == index]


def _row(log_id: str, found: Found, seen_at: datetime) -> dict[str, Any]:
    row = certificate_columns(found.fields)
    row |= {"first_log_id": log_id, "first_leaf_index": found.index, "first_seen_at": seen_at}
    return row | {
        "is_precert_seen": found.entry_type == PRECERT,
        "is_final_seen": found.entry_type != PRECERT,
    }


def certificate_columns(fields: CertificateFields) -> dict[str, Any]:
    """The columns of the table ``certificates`` that come from the certificate itself."""
    same = (
        "identity", "serial", "issuer_dn", "issuer_cn", "issuer_o", "issuer_key_hash", "authority_key_id",
        "subject_dn", "common_name", "organization", "not_before", "not_after", "key_type", "key_bits",
        "spki_hash", "tbs_hash", "signature_algorithm",
    )  # fmt: skip
    lists = ("policy_oids", "sct_list", "san_names", "faults")
    columns = {name: getattr(fields, name) for name in same} | {name: list(getattr(fields, name)) for name in lists}
    for name, longest in LONGEST.items():
        if columns[name] is not None and len(columns[name]) > longest:
            columns["faults"].append(f"{name}: {len(columns[name])} characters, more than are kept")
            columns[name] = None
    return columns


def _put_names(session: Session, fresh: Sequence[Found], ids: dict[str, int]) -> None:
    rows = [row for each in fresh for row in _name_rows(ids[each.fields.identity], each.fields)]
    insert_new(session, table_of(CertificateNameRow), rows)


def _name_rows(number: int, fields: CertificateFields) -> list[dict[str, Any]]:
    shared = {
        "certificate_id": number,
        "issuer_o_key": text_key(fields.issuer_o),
        "issuer_cn_key": text_key(fields.issuer_cn),
        "not_before": fields.not_before or UNREADABLE,
        "not_after": fields.not_after,
    }
    return [
        shared
        | {
            "name": name,
            "registered_domain": registered_domain(name),
            "organisation_type": organisation_type(name),
            "name_reversed": name[::-1],
        }
        for name in fields.jp_names
    ]


def _note_forms(session: Session, found: Sequence[Found], ids: dict[str, int]) -> None:
    """A known certificate may now be seen in its other form; only the final one brings the SCT list."""
    precerts = {ids[each.fields.identity] for each in found if each.entry_type == PRECERT}
    unseen = (CertificateRow.id.in_(precerts), ~CertificateRow.is_precert_seen)
    session.execute(update(CertificateRow).where(*unseen).values(is_precert_seen=True))
    finals = {ids[each.fields.identity]: each for each in found if each.entry_type != PRECERT}
    lacking = select(CertificateRow).where(CertificateRow.id.in_(finals))
    for row in session.scalars(lacking):
        fields = finals[row.id].fields
        row.is_final_seen = True
        row.sct_list = row.sct_list or [list(sct) for sct in fields.sct_list]
        row.issuer_key_hash = row.issuer_key_hash or fields.issuer_key_hash


def sightings_by_file(session: Session, numbers: Collection[int]) -> list[tuple[str, int, int]]:
    """(leaf file, leaf index, certificate id) of every sighting of these certificates, file by file."""
    columns = (SightingRow.leaf_file, SightingRow.leaf_index, SightingRow.certificate_id)
    statement = select(*columns).where(SightingRow.certificate_id.in_(numbers))
    return [(path, index, number) for path, index, number in session.execute(statement.order_by(*columns))]


def renew_certificate(session: Session, number: int, found: Sequence[Found]) -> None:
    """Take every field of a certificate from these entries, which are all that still show it."""
    row = session.get_one(CertificateRow, number)
    for name, value in certificate_columns(found[0].fields).items():
        setattr(row, name, value)
    row.is_precert_seen, row.is_final_seen, row.sct_list = False, False, []
    session.flush()
    for each in found:
        _note_forms(session, [each], {each.fields.identity: number})
