"""The tables (SQLAlchemy 2, MySQL/MariaDB and SQLite). Names are part of the contract; docs/tables.md is for people.

Hashes and ids are lower-case hex, times are UTC without zone, spans are half-open, ``*_ms`` are milliseconds.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Double,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    types,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

MAX_NAME_OCTETS = 253
# The states of a range.
OPEN, FULL, VERIFIED = "open", "full", "verified"


def ascii_text(length: int) -> types.TypeEngine[str]:
    """Text of ASCII compared byte by byte (MySQL's default collation would call a name and its capitals equal)."""
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
    )


def long_text() -> types.TypeEngine[str]:
    """Text of any length: MySQL's TEXT would refuse what is longer than 65,535 bytes, as some certificates are."""
    return Text().with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")


def moment() -> types.TypeEngine[datetime]:
    """A UTC time to the millisecond."""
    return DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")


HEX32 = ascii_text(64)
BIG_ID = BigInteger().with_variant(Integer, "sqlite")
INDEX = BigInteger()
BLOB = LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class LogRow(Base):
    """A log, its state in the lists, its newest verified head, and counters kept by the recorder and the audit."""

    __tablename__ = "logs"
    log_id: Mapped[str] = mapped_column(HEX32, primary_key=True)
    name: Mapped[str] = mapped_column(String(191), unique=True)
    description: Mapped[str] = mapped_column(String(255), default="")
    operator: Mapped[str] = mapped_column(String(191))
    queue: Mapped[str] = mapped_column(ascii_text(32))
    kind: Mapped[str] = mapped_column(ascii_text(16))
    url: Mapped[str] = mapped_column(String(512))
    key: Mapped[bytes] = mapped_column(LargeBinary(1024))
    mmd_seconds: Mapped[int] = mapped_column(Integer, default=86400)
    state: Mapped[str | None] = mapped_column(String(32))
    state_since: Mapped[datetime | None] = mapped_column(moment())
    log_type: Mapped[str | None] = mapped_column(String(32))
    submission_url: Mapped[str | None] = mapped_column(String(512))
    available_from: Mapped[str | None] = mapped_column(ascii_text(16))
    archive: Mapped[str | None] = mapped_column(String(2000))
    reachable: Mapped[bool | None] = mapped_column(Boolean)
    reachable_since: Mapped[datetime | None] = mapped_column(moment())
    probed_at: Mapped[datetime | None] = mapped_column(moment())
    unobtainable_since: Mapped[datetime | None] = mapped_column(moment())
    interval_start: Mapped[datetime | None] = mapped_column(moment())
    interval_end: Mapped[datetime | None] = mapped_column(moment())
    tree_size: Mapped[int] = mapped_column(INDEX, default=0)
    root_hash: Mapped[str | None] = mapped_column(HEX32)
    head_timestamp: Mapped[datetime | None] = mapped_column(moment())
    final_tree_size: Mapped[int | None] = mapped_column(INDEX)
    final_root_hash: Mapped[str | None] = mapped_column(HEX32)
    batch_entries: Mapped[int] = mapped_column(Integer)
    subrange_entries: Mapped[int] = mapped_column(Integer)
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    paused: Mapped[bool] = mapped_column(Boolean, default=False)
    rest_until: Mapped[datetime | None] = mapped_column(moment())
    rest_seconds: Mapped[float] = mapped_column(Float, default=0.0)
    last_fault: Mapped[str | None] = mapped_column(String(255))
    entries_done: Mapped[int] = mapped_column(INDEX, default=0)
    entries_verified: Mapped[int] = mapped_column(INDEX, default=0)
    sightings: Mapped[int] = mapped_column(INDEX, default=0)
    certificates: Mapped[int] = mapped_column(INDEX, default=0)
    malformed: Mapped[int] = mapped_column(INDEX, default=0)

    @property
    def archive_url(self) -> str:
        """Where everybody can read the log's archive; "" when it is in local files, or there is none."""
        return self.archive if self.archive and "://" in self.archive else ""

    @property
    def read_at(self) -> str:
        """The address that is asked: the archive's, or the log's own."""
        return self.archive_url or self.url


class ListingRow(Base):
    """That a published list holds a log, or that it no longer does."""

    __tablename__ = "listings"
    list_name: Mapped[str] = mapped_column(String(191), primary_key=True)
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    last_seen_at: Mapped[datetime] = mapped_column(moment())
    vanished_at: Mapped[datetime | None] = mapped_column(moment())


class TreeHeadRow(Base):
    """Every head of a log whose signature was verified."""

    __tablename__ = "tree_heads"
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    tree_size: Mapped[int] = mapped_column(INDEX, primary_key=True)
    root_hash: Mapped[str] = mapped_column(HEX32, primary_key=True)
    timestamp_ms: Mapped[int] = mapped_column(INDEX)
    signature: Mapped[bytes] = mapped_column(LargeBinary(1024))
    seen_at: Mapped[datetime] = mapped_column(moment())


class WindowRow(Base):
    """A span of a log that is wanted, rounded outward to ranges; the spans of a log do not touch."""

    __tablename__ = "windows"
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    start_index: Mapped[int] = mapped_column(INDEX, primary_key=True)
    end_index: Mapped[int] = mapped_column(INDEX)


class FollowedWindowRow(Base):
    """A window, as a person types it, that grows with the head of its log."""

    __tablename__ = "followed_windows"
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    window_text: Mapped[str] = mapped_column(ascii_text(64), primary_key=True)
    since: Mapped[datetime] = mapped_column(moment())


class TimestampSampleRow(Base):
    """The timestamps of a few entries from an index on, read to find where a window ends and kept."""

    __tablename__ = "timestamp_samples"
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    leaf_index: Mapped[int] = mapped_column(INDEX, primary_key=True)
    timestamps_ms: Mapped[list[int]] = mapped_column(JSON)


class RangeRow(Base):
    """A range that is wanted and how far it has come: open, full (every unit done), verified."""

    __tablename__ = "ranges"
    __table_args__ = (Index(None, "state", "log_id", "issued_until"),)
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    start_index: Mapped[int] = mapped_column(INDEX, primary_key=True)
    end_index: Mapped[int] = mapped_column(INDEX)
    state: Mapped[str] = mapped_column(ascii_text(16), default="open")
    units_done: Mapped[bytes] = mapped_column(LargeBinary(512), default=b"")
    first_leaf_hash: Mapped[str | None] = mapped_column(HEX32)
    issued_until: Mapped[datetime | None] = mapped_column(moment())
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    audit_after: Mapped[datetime | None] = mapped_column(moment())
    audit_attempts: Mapped[int] = mapped_column(Integer, default=0)
    verified_at: Mapped[datetime | None] = mapped_column(moment())
    verified_size: Mapped[int | None] = mapped_column(INDEX)
    audit_path: Mapped[list[str] | None] = mapped_column(JSON)
    avoid: Mapped[list[str] | None] = mapped_column(JSON)


class LeaseRow(Base):
    """A sub-range that is out: issued to a queue and not yet recorded."""

    __tablename__ = "leases"
    __table_args__ = (Index(None, "queue", "issued_until"),)
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    start_index: Mapped[int] = mapped_column(INDEX, primary_key=True)
    end_index: Mapped[int] = mapped_column(INDEX)
    range_start: Mapped[int] = mapped_column(INDEX)
    queue: Mapped[str] = mapped_column(ascii_text(32))
    issued_at: Mapped[datetime] = mapped_column(moment())
    issued_until: Mapped[datetime] = mapped_column(moment())


class DeliveryRow(Base):
    """Who brought a span of a range that is done: what can be taken out again when its worker was wrong.

    ``nodes`` holds [level, node_index, hash] of the Merkle tree's nodes that together cover the span.
    """

    __tablename__ = "deliveries"
    __table_args__ = (Index(None, "log_id", "range_start"), Index(None, "friend"))
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    start_index: Mapped[int] = mapped_column(INDEX, primary_key=True)
    end_index: Mapped[int] = mapped_column(INDEX)
    range_start: Mapped[int] = mapped_column(INDEX)
    worker: Mapped[str] = mapped_column(String(191))
    friend: Mapped[str] = mapped_column(String(64))
    nodes: Mapped[list[list[Any]]] = mapped_column(JSON)
    recorded_at: Mapped[datetime] = mapped_column(moment())


class SecondOpinionRow(Base):
    """A delivered span that another friend reads as well: wanted, out, agreed or disagreed."""

    __tablename__ = "second_opinions"
    __table_args__ = (Index(None, "queue", "state"),)
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    start_index: Mapped[int] = mapped_column(INDEX, primary_key=True)
    end_index: Mapped[int] = mapped_column(INDEX)
    range_start: Mapped[int] = mapped_column(INDEX)
    queue: Mapped[str] = mapped_column(ascii_text(32))
    first_friend: Mapped[str] = mapped_column(String(64))
    second_friend: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(ascii_text(16), default="wanted")
    checked_until: Mapped[int] = mapped_column(INDEX)
    issued_until: Mapped[datetime | None] = mapped_column(moment())
    asked_at: Mapped[datetime] = mapped_column(moment())
    answered_at: Mapped[datetime | None] = mapped_column(moment())


class RefusedHarvestRow(Base):
    """A harvest that was set aside, with the reason; its sub-range was issued again."""

    __tablename__ = "refused_harvests"
    __table_args__ = (Index(None, "worker", "received_at"),)
    id: Mapped[int] = mapped_column(BIG_ID, primary_key=True, autoincrement=True)
    received_at: Mapped[datetime] = mapped_column(moment())
    worker: Mapped[str] = mapped_column(String(191))
    log_id: Mapped[str | None] = mapped_column(HEX32)
    start_index: Mapped[int | None] = mapped_column(INDEX)
    end_index: Mapped[int | None] = mapped_column(INDEX)
    reason: Mapped[str] = mapped_column(String(255))
    body: Mapped[bytes] = mapped_column(BLOB)


class SubtreeRow(Base):
    """The hash of node ``node_index`` at ``level``: leaves [node_index << level, ...); siblings are merged."""

    __tablename__ = "subtrees"
    __table_args__ = (Index(None, "log_id", "start_index"),)
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    level: Mapped[int] = mapped_column(Integer, primary_key=True)
    node_index: Mapped[int] = mapped_column(INDEX, primary_key=True)
    start_index: Mapped[int] = mapped_column(INDEX)
    hash: Mapped[str] = mapped_column(HEX32)


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


class DailyCountRow(Base):
    """What was collected of a log on a day in Asia/Tokyo: entries read, .jp entries, certificates new to us."""

    __tablename__ = "daily_counts"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    log_name: Mapped[str] = mapped_column(String(191), primary_key=True)
    entries: Mapped[int] = mapped_column(INDEX, default=0)
    uploaded: Mapped[int] = mapped_column(INDEX, default=0)
    registered: Mapped[int] = mapped_column(INDEX, default=0)


class WorkerRow(Base):
    """A Celery process of a friend, alice@host."""

    __tablename__ = "workers"
    name: Mapped[str] = mapped_column(String(191), primary_key=True)
    friend: Mapped[str] = mapped_column(String(64), index=True)
    host: Mapped[str] = mapped_column(String(191))
    version: Mapped[str] = mapped_column(String(32), default="")
    queues: Mapped[str] = mapped_column(String(255), default="")
    first_seen: Mapped[datetime] = mapped_column(moment())
    last_seen: Mapped[datetime] = mapped_column(moment())
    running: Mapped[bool] = mapped_column(Boolean, default=True)
    trust: Mapped[str] = mapped_column(ascii_text(16), default="trusted")
    bad_deliveries: Mapped[int] = mapped_column(INDEX, default=0, server_default="0")


class AccountRow(Base):
    """A friend's account of the broker, with what it takes to make it again there; of the password only its hash."""

    __tablename__ = "accounts"
    friend: Mapped[str] = mapped_column(ascii_text(64), primary_key=True)
    password_hash: Mapped[str] = mapped_column(HEX32)
    queues: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(moment())
    removed_at: Mapped[datetime | None] = mapped_column(moment())
    removed_because: Mapped[str] = mapped_column(String(255), default="", server_default="")


class ContributionRow(Base):
    """What a worker brought of a log on a day in Asia/Tokyo."""

    __tablename__ = "contributions"
    worker: Mapped[str] = mapped_column(String(191), primary_key=True)
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    entries: Mapped[int] = mapped_column(INDEX, default=0)
    certificates: Mapped[int] = mapped_column(INDEX, default=0)
    requests: Mapped[int] = mapped_column(INDEX, default=0)
    throttled: Mapped[int] = mapped_column(INDEX, default=0)
    bytes: Mapped[int] = mapped_column(INDEX, default=0)


class PaceCountRow(Base):
    """Entries of the last hours in buckets of ten seconds, from which present speeds are told."""

    __tablename__ = "pace_counts"
    bucket_start: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    worker: Mapped[str] = mapped_column(String(191), primary_key=True)
    entries: Mapped[int] = mapped_column(INDEX, default=0)


class HostPaceRow(Base):
    """A ceiling for a host that the coordinator has set for the whole fleet, in the place of the catalogue's."""

    __tablename__ = "host_paces"
    host: Mapped[str] = mapped_column(ascii_text(255), primary_key=True)
    per_second: Mapped[float] = mapped_column(Double)
    set_at: Mapped[datetime] = mapped_column(moment())


class GuardRow(Base):
    """Who alone may do a job now (feed, audit, plan): a lease that ends by itself."""

    __tablename__ = "guards"
    job: Mapped[str] = mapped_column(ascii_text(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(191))
    until: Mapped[datetime] = mapped_column(moment())


# A server's default may be latin1; names and subjects hold every script there is, and capitals count.
for _table in Base.metadata.tables.values():
    for _dialect in ("mysql", "mariadb"):
        _table.dialect_kwargs.update(
            {
                f"{_dialect}_engine": "InnoDB",
                f"{_dialect}_charset": "utf8mb4",
                f"{_dialect}_collate": "utf8mb4_bin",
            }
        )
