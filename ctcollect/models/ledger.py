"""The ledger: what is wanted, out, done and verified, and by whom it was brought."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from ctcollect.models.columns import BIG_ID, BLOB, HEX32, INDEX, Base, ascii_text, moment

# The states of a range.
OPEN, FULL, VERIFIED = "open", "full", "verified"


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


class RangeRow(Base):
    """A range that is wanted and how far it has come: open, full (every unit done), verified.

    ``brought_by`` is the friend who brought most of a full range, and the last piece of one that is not full yet.
    """

    __tablename__ = "ranges"
    # For the feeder, for a log's map, of which it holds all that is needed (the rows themselves are wide), for audits.
    __table_args__ = (
        Index(None, "state", "log_id", "issued_until", "start_index"),
        Index(None, "log_id", "state", "brought_by", "brought_at"),
        Index(None, "state", "audit_after", "log_id", "start_index"),
    )
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
    brought_by: Mapped[str | None] = mapped_column(String(64))
    brought_at: Mapped[datetime | None] = mapped_column(moment())


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

    ``nodes`` holds [level, node_index, hash] of the Merkle tree's nodes that together cover the span,
    ``certificates`` how many certificates were not known before it came.
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
    certificates: Mapped[int] = mapped_column(INDEX, default=0, server_default="0")


class SecondOpinionRow(Base):
    """A delivered span that another friend reads as well: wanted, out, agreed or disagreed."""

    __tablename__ = "second_opinions"
    __table_args__ = (
        Index(None, "queue", "state", "asked_at", "start_index"),
        Index(None, "queue", "state", "first_friend"),
    )
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
    __table_args__ = (Index(None, "worker", "received_at"), Index(None, "received_at"))
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


class GuardRow(Base):
    """Who alone may do a job now (feed, audit, listen to workers): a lease that ends by itself."""

    __tablename__ = "guards"
    job: Mapped[str] = mapped_column(ascii_text(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(191))
    until: Mapped[datetime] = mapped_column(moment())
