"""The forms in which a certificate was seen, precertificate and final one, and what depends on them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Row, bindparam, case, or_, select, update
from sqlalchemy.orm import Session

from ctcollect.models import CertificateRow
from ctcollect.store.reading import Found

PRECERT = "precert"
FORM = (
    CertificateRow.is_precert_seen,
    CertificateRow.is_final_seen,
    CertificateRow.sct_list,
    CertificateRow.issuer_key_hash,
)


@dataclass
class Form:
    """The columns FORM of a certificate's row. Only the final form brings the SCT list."""

    is_precert_seen: bool
    is_final_seen: bool
    sct_list: list[list[object]] | None
    issuer_key_hash: str | None

    @classmethod
    def of(cls, row: Row[*tuple[Any, ...]]) -> Self:
        return cls(row.is_precert_seen, row.is_final_seen, row.sct_list, row.issuer_key_hash)

    def note(self, found: Found) -> None:
        """It was seen in this entry as well."""
        if found.entry_type == PRECERT:
            self.is_precert_seen = True
        else:
            self.is_final_seen = True
            self.sct_list = self.sct_list or [list(sct) for sct in found.fields.sct_list]
            self.issuer_key_hash = self.issuer_key_hash or found.fields.issuer_key_hash


def note_forms(session: Session, found: Iterable[Found], rows: Mapping[str, Row[*tuple[Any, ...]]]) -> None:
    """Certificates, their rows by identity with the columns FORM, were seen in these entries."""
    seen: dict[int, list[Found]] = {}
    for each in found:
        seen.setdefault(rows[each.identity].id, []).append(each)
    changed = [row.id for row in rows.values() if _noted(row, seen[row.id]) != Form.of(row)]
    if not changed:
        return
    # Read again, behind a lock and in order: others may change the same ones, or have discarded them meanwhile.
    locked = select(CertificateRow.id, *FORM).where(CertificateRow.id.in_(changed)).order_by(CertificateRow.id)
    forms = {row.id: (Form.of(row), _noted(row, seen[row.id])) for row in session.execute(locked.with_for_update())}
    values = {column.key: _by_number(column, new) for column in FORM if (new := _changes(column.key, forms))}
    if values:
        session.execute(update(CertificateRow).where(CertificateRow.id.in_(forms)).values(values))


def _changes(name: str, forms: Mapping[int, tuple[Form, Form]]) -> dict[int, Any]:
    """The new value of a column for each id that gets one."""
    pairs = {number: (getattr(before, name), getattr(after, name)) for number, (before, after) in forms.items()}
    return {number: after for number, (before, after) in pairs.items() if after != before}


def _noted(row: Row[*tuple[Any, ...]], found: Iterable[Found]) -> Form:
    form = Form.of(row)
    for each in found:
        form.note(each)
    return form


def _by_number(column: Any, new: Mapping[int, Any]) -> Any:
    """The column's new value for each id, its old one for the others: one statement for all."""
    if all(value is True for value in new.values()):
        return or_(column, CertificateRow.id.in_(new))
    values = {number: bindparam(None, value, type_=column.type) for number, value in new.items()}
    return case(values, value=CertificateRow.id, else_=column)
