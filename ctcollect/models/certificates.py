"""What was found: certificates, their names, where they were seen, what nobody can read."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Boolean, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from ctcollect.models.columns import BIG_ID, BLOB, HEX32, INDEX, MAX_NAME_OCTETS, Base, ascii_text, long_text, moment
from ctcollect.search import UNREADABLE

ISSUER = ("issuer_o_key", "issuer_cn_key")
# What an index begins with, before the order of the answer, and what it holds so that no row need be fetched.
NAME_INDICES = {
    "name": (("name_reversed",), (*ISSUER, "not_after")),
    "registered_domain": (("registered_domain",), (*ISSUER, "not_after")),
    "type": (("organisation_type",), ("not_after",)),
    "not_after": (("not_after",), ("organisation_type",)),
    "issuer_o": (("issuer_o_key", "organisation_type"), ("not_after",)),
    "issuer_cn": (("issuer_cn_key", "organisation_type"), ("issuer_o_key", "not_after")),
}


def _reversed_name(context: DefaultExecutionContext) -> str:
    return str(context.get_current_parameters()["name"])[::-1]


class CertificateRow(Base):
    """One issuance, however many logs and forms it was seen in.

    Found by its id, which searches give, or its identity: a hash more in an index would cost a page more to write for
    each certificate, and nearly all that the search needs stands in ``certificate_names``.
    """

    __tablename__ = "certificates"
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    identity: Mapped[str] = mapped_column(HEX32, unique=True)
    serial: Mapped[str | None] = mapped_column(ascii_text(512))
    issuer_dn: Mapped[str | None] = mapped_column(long_text())
    issuer_cn: Mapped[str | None] = mapped_column(long_text())
    issuer_o: Mapped[str | None] = mapped_column(long_text())
    issuer_key_hash: Mapped[str | None] = mapped_column(HEX32)
    authority_key_id: Mapped[str | None] = mapped_column(long_text())
    subject_dn: Mapped[str | None] = mapped_column(long_text())
    common_name: Mapped[str | None] = mapped_column(long_text())
    organization: Mapped[str | None] = mapped_column(long_text())
    not_before: Mapped[datetime | None] = mapped_column(DateTime())
    not_after: Mapped[datetime | None] = mapped_column(DateTime())
    key_type: Mapped[str | None] = mapped_column(String(64))
    key_bits: Mapped[int | None] = mapped_column(Integer)
    spki_hash: Mapped[str | None] = mapped_column(HEX32)
    tbs_hash: Mapped[str] = mapped_column(HEX32)
    signature_algorithm: Mapped[str | None] = mapped_column(String(128))
    policy_oids: Mapped[list[str]] = mapped_column(JSON)
    sct_list: Mapped[list[list[object]] | None] = mapped_column(JSON)
    san_names: Mapped[list[str]] = mapped_column(JSON)
    faults: Mapped[list[str]] = mapped_column(JSON)
    is_precert_seen: Mapped[bool] = mapped_column(Boolean)
    is_final_seen: Mapped[bool] = mapped_column(Boolean)
    first_log_id: Mapped[str] = mapped_column(HEX32)
    first_leaf_index: Mapped[int] = mapped_column(INDEX)
    first_seen_at: Mapped[datetime] = mapped_column(moment())


class CertificateNameRow(Base):
    """A .jp name of a certificate, as a lower-case A-label.

    What a search asks for stands beside it, so that each index gives the newest first: the name read backwards, so
    that all below a domain are neighbours; the issuer's names as keys of 64 bits (``search.text_key``); the
    certificate's dates, ``not_before`` 1000-01-01 where nobody can read it.
    """

    __tablename__ = "certificate_names"
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    name: Mapped[str] = mapped_column(ascii_text(MAX_NAME_OCTETS + 2), primary_key=True)
    registered_domain: Mapped[str | None] = mapped_column(ascii_text(MAX_NAME_OCTETS))
    organisation_type: Mapped[str] = mapped_column(ascii_text(16))
    name_reversed: Mapped[str] = mapped_column(ascii_text(MAX_NAME_OCTETS + 2), default=_reversed_name)
    issuer_o_key: Mapped[int | None] = mapped_column(BigInteger)
    issuer_cn_key: Mapped[int | None] = mapped_column(BigInteger)
    not_before: Mapped[datetime] = mapped_column(DateTime(), default=UNREADABLE)
    not_after: Mapped[datetime | None] = mapped_column(DateTime())
    __table_args__ = tuple(
        Index(f"ix_certificate_names_by_{name}", *columns, "not_before", "certificate_id", *covered)
        for name, (columns, covered) in NAME_INDICES.items()
    )


class SightingRow(Base):
    """One certificate in one log at one index."""

    __tablename__ = "sightings"
    __table_args__ = (UniqueConstraint("log_id", "leaf_index"), Index(None, "certificate_id", "log_id"))
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"))
    log_name: Mapped[str] = mapped_column(String(191))
    leaf_index: Mapped[int] = mapped_column(INDEX)
    leaf_timestamp: Mapped[datetime | None] = mapped_column(moment())
    entry_type: Mapped[str] = mapped_column(ascii_text(8))
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"))
    friend: Mapped[str] = mapped_column(String(64))
    worker: Mapped[str] = mapped_column(String(191))
    leaf_file: Mapped[str] = mapped_column(String(512))
    collected_at: Mapped[datetime] = mapped_column(moment())


class MalformedRow(Base):
    """An entry that nobody can read, with its bytes."""

    __tablename__ = "malformed"
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    leaf_index: Mapped[int] = mapped_column(INDEX, primary_key=True)
    reason: Mapped[str] = mapped_column(String(255))
    leaf: Mapped[bytes] = mapped_column(BLOB)
