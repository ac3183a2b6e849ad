"""Logs: what is known of them, their heads, where lists hold them, how fast they may be asked."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, Double, Float, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from ctcollect.models.columns import HEX32, INDEX, Base, ascii_text, moment


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
    open_ranges: Mapped[int] = mapped_column(INDEX, default=0, server_default="0")
    requests: Mapped[int] = mapped_column(INDEX, default=0, server_default="0")
    throttled: Mapped[int] = mapped_column(INDEX, default=0, server_default="0")

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
    __table_args__ = (Index(None, "log_id", "timestamp_ms"),)
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    tree_size: Mapped[int] = mapped_column(INDEX, primary_key=True)
    root_hash: Mapped[str] = mapped_column(HEX32, primary_key=True)
    timestamp_ms: Mapped[int] = mapped_column(INDEX)
    signature: Mapped[bytes] = mapped_column(LargeBinary(1024))
    seen_at: Mapped[datetime] = mapped_column(moment())


class TimestampSampleRow(Base):
    """The timestamps of a few entries from an index on, read to find where a window ends and kept."""

    __tablename__ = "timestamp_samples"
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    leaf_index: Mapped[int] = mapped_column(INDEX, primary_key=True)
    timestamps_ms: Mapped[list[int]] = mapped_column(JSON)


class HostPaceRow(Base):
    """A ceiling for a host that the coordinator has set for the whole fleet, in the place of the catalogue's."""

    __tablename__ = "host_paces"
    host: Mapped[str] = mapped_column(ascii_text(255), primary_key=True)
    per_second: Mapped[float] = mapped_column(Double)
    set_at: Mapped[datetime] = mapped_column(moment())
