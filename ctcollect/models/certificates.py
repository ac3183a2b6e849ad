"""What was found: certificates, their names, where they were seen, what nobody can read."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ctcollect.models.columns import BIG_ID, BLOB, HEX32, INDEX, MAX_NAME_OCTETS, Base, ascii_text, long_text, moment


class CertificateRow(Base):
    """One issuance, however many logs and forms it was seen in."""

    __tablename__ = "certificates"
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    identity: Mapped[str] = mapped_column(HEX32, unique=True)
    serial: Mapped[str | None] = mapped_column(ascii_text(512), index=True)
    issuer_dn: Mapped[str | None] = mapped_column(long_text())
    issuer_cn: Mapped[str | None] = mapped_column(long_text())
    issuer_o: Mapped[str | None] = mapped_column(long_text())
    issuer_key_hash: Mapped[str | None] = mapped_column(HEX32)
    authority_key_id: Mapped[str | None] = mapped_column(long_text())
    subject_dn: Mapped[str | None] = mapped_column(long_text())
    common_name: Mapped[str | None] = mapped_column(long_text())
    organization: Mapped[str | None] = mapped_column(long_text())
    not_before: Mapped[datetime | None] = mapped_column(DateTime(), index=True)
    not_after: Mapped[datetime | None] = mapped_column(DateTime(), index=True)
    key_type: Mapped[str | None] = mapped_column(String(64))
    key_bits: Mapped[int | None] = mapped_column(Integer)
    spki_hash: Mapped[str | None] = mapped_column(HEX32, index=True)
    tbs_hash: Mapped[str] = mapped_column(HEX32, index=True)
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
    """A .jp name of a certificate, as a lower-case A-label."""

    __tablename__ = "certificate_names"
    __table_args__ = (Index(None, "name"), Index(None, "registered_domain"))
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    name: Mapped[str] = mapped_column(ascii_text(MAX_NAME_OCTETS + 2), primary_key=True)
    registered_domain: Mapped[str | None] = mapped_column(ascii_text(MAX_NAME_OCTETS))
    organisation_type: Mapped[str] = mapped_column(ascii_text(16))


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
