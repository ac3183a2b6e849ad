"""Friends: their workers and accounts, and what each has brought."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    Double,
    ForeignKey,
    Index,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from ctcollect.holdings import HOLDINGS_CHARACTERS
from ctcollect.models.columns import HEX32, INDEX, Base, ascii_text, moment


class WorkerRow(Base):
    """A Celery process of a friend, alice@host, what it has brought, and what it last told of its spool and lanes."""

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
    archives: Mapped[str] = mapped_column(ascii_text(HOLDINGS_CHARACTERS), default="", server_default="")
    bad_deliveries: Mapped[int] = mapped_column(INDEX, default=0, server_default="0")
    entries: Mapped[int] = mapped_column(INDEX, default=0, server_default="0")
    certificates: Mapped[int] = mapped_column(INDEX, default=0, server_default="0")
    clock_ahead_seconds: Mapped[float | None] = mapped_column(Double)
    reported_at: Mapped[datetime | None] = mapped_column(moment())
    spool_harvests: Mapped[int | None] = mapped_column(INDEX)
    spool_bytes: Mapped[int | None] = mapped_column(INDEX)
    spool_free_bytes: Mapped[int | None] = mapped_column(INDEX)
    lanes: Mapped[dict[str, dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))


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
    __table_args__ = (Index(None, "day"),)
    worker: Mapped[str] = mapped_column(String(191), primary_key=True)
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    entries: Mapped[int] = mapped_column(INDEX, default=0)
    certificates: Mapped[int] = mapped_column(INDEX, default=0)
    requests: Mapped[int] = mapped_column(INDEX, default=0)
    throttled: Mapped[int] = mapped_column(INDEX, default=0)
    bytes: Mapped[int] = mapped_column(INDEX, default=0)


class DailyCountRow(Base):
    """What was collected of a log on a day in Asia/Tokyo: entries read, .jp entries, certificates new to us."""

    __tablename__ = "daily_counts"
    __table_args__ = (Index(None, "log_name", "day"),)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    log_name: Mapped[str] = mapped_column(String(191), primary_key=True)
    entries: Mapped[int] = mapped_column(INDEX, default=0)
    uploaded: Mapped[int] = mapped_column(INDEX, default=0)
    registered: Mapped[int] = mapped_column(INDEX, default=0)


class PaceCountRow(Base):
    """Work of the last hour in buckets of ten seconds, from which present speeds are told."""

    __tablename__ = "pace_counts"
    bucket_start: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    worker: Mapped[str] = mapped_column(String(191), primary_key=True)
    entries: Mapped[int] = mapped_column(INDEX, default=0)
    requests: Mapped[int] = mapped_column(INDEX, default=0, server_default="0")
    throttled: Mapped[int] = mapped_column(INDEX, default=0, server_default="0")
