"""Certificates, one row an issuance, and their names, as they are recorded."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ctcollect.certificate import CertificateFields
from ctcollect.domains import organisation_type, registered_domain
from ctcollect.models import CertificateNameRow, CertificateRow, SightingRow
from ctcollect.search import UNREADABLE, text_key
from ctcollect.store.certificate_forms import FORM, PRECERT, Form, note_forms
from ctcollect.store.engine import insert_new, table_of
from ctcollect.store.reading import Found, Seen

# Columns with a bound: a hostile certificate may hold a serial of a million digits.
LONGEST = {"serial": 512, "signature_algorithm": 128, "key_type": 64}


class Put(NamedTuple):
    """Identity -> id of certificates, and the entries, (log_id, leaf_index), that each brought one that was new."""

    ids: Mapping[str, int]
    first_brought: Set[tuple[str, int]]


def put_certificates(session: Session, seen: Sequence[Seen], seen_at: datetime) -> Put:
    """Insert the certificates that are new; note the forms in which known ones were seen."""
    first: dict[str, Seen] = {}
    for each in seen:
        first.setdefault(each.found.identity, each)
    known = _known(session, first)
    # Sorted, so that two recorders that bring the same certificates wait for each other instead of locking up.
    fresh = {identity: first[identity] for identity in sorted(first) if identity not in known}
    rows = [_row(each, seen_at) for each in fresh.values()]
    insert_new(session, table_of(CertificateRow), rows)
    added = _known(session, fresh)
    ids = {identity: row.id for identity, row in (known | added).items()}
    _put_names(session, [each.found for each in fresh.values()], ids)
    note_forms(session, [each.found for each in seen], known | added)
    # Another recorder may have inserted one of them at the same moment.
    ours = {(row.first_log_id, row.first_leaf_index) for row in added.values()}
    return Put(ids, ours & {(each.log_id, each.found.index) for each in fresh.values()})


def _known(session: Session, identities: Collection[str]) -> dict[str, Row[*tuple[Any, ...]]]:
    """The rows that are there, by identity, with the columns of FORM and what tells who brought them."""
    if not identities:
        return {}
    columns = (CertificateRow.identity, CertificateRow.id, CertificateRow.first_log_id, CertificateRow.first_leaf_index)
    statement = select(*columns, *FORM).where(CertificateRow.identity.in_(identities))
    return {row.identity: row for row in session.execute(statement)}


def _row(seen: Seen, seen_at: datetime) -> dict[str, Any]:
    found = seen.found
    row = certificate_columns(found)
    row |= {"first_log_id": seen.log_id, "first_leaf_index": found.index, "first_seen_at": seen_at}
    return row | {
        "is_precert_seen": found.entry_type == PRECERT,
        "is_final_seen": found.entry_type != PRECERT,
    }


def certificate_columns(found: Found) -> dict[str, Any]:
    """The columns of the table ``certificates`` that come from the certificate itself."""
    same = (
        "serial", "issuer_dn", "issuer_cn", "issuer_o", "issuer_key_hash", "authority_key_id", "subject_dn",
        "common_name", "organization", "not_before", "not_after", "key_type", "key_bits", "spki_hash", "tbs_hash",
        "signature_algorithm",
    )  # fmt: skip
    lists = ("policy_oids", "sct_list", "san_names", "faults")
    columns = {name: getattr(found.fields, name) for name in same}
    columns |= {name: list(getattr(found.fields, name)) for name in lists} | {"identity": found.identity}
    for name, longest in LONGEST.items():
        if columns[name] is not None and len(columns[name]) > longest:
            columns["faults"].append(f"{name}: {len(columns[name])} characters, more than are kept")
            columns[name] = None
    return columns


def _put_names(session: Session, fresh: Sequence[Found], ids: Mapping[str, int]) -> None:
    rows = [row for each in fresh for row in _name_rows(ids[each.identity], each.fields)]
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


def sightings_by_file(session: Session, numbers: Collection[int]) -> list[tuple[str, int, int]]:
    """(leaf file, leaf index, certificate id) of every sighting of these certificates, file by file."""
    columns = (SightingRow.leaf_file, SightingRow.leaf_index, SightingRow.certificate_id)
    statement = select(*columns).where(SightingRow.certificate_id.in_(numbers))
    return [(path, index, number) for path, index, number in session.execute(statement.order_by(*columns))]


def renew_certificate(session: Session, number: int, found: Sequence[Found]) -> None:
    """Take every field of a certificate from these entries, which are all that still show it."""
    row = session.get_one(CertificateRow, number)
    columns = certificate_columns(found[0])
    form = Form(False, False, [], columns["issuer_key_hash"])
    for each in found:
        form.note(each)
    for name, value in (columns | asdict(form)).items():
        setattr(row, name, value)
