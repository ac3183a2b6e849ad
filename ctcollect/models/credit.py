"""Credit for entries that the audit has proven, added up for those who ask often, and the faults of logs."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ctcollect.models.columns import INDEX, Base, ascii_text, moment


class CreditRow(Base):
    """What a worker brought of a log on a day in Asia/Tokyo that is verified by now."""

    __tablename__ = "credits"
    __table_args__ = (Index(None, "friend", "log_id", "entries", "certificates"),)
    worker: Mapped[str] = mapped_column(String(191), primary_key=True)
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    friend: Mapped[str] = mapped_column(String(64))
    entries: Mapped[int] = mapped_column(INDEX, default=0)
    certificates: Mapped[int] = mapped_column(INDEX, default=0)


class CreditDayRow(Base):
    """The credit of a friend for a day in Asia/Tokyo, over all logs."""

    __tablename__ = "credit_days"
    __table_args__ = (Index(None, "day"),)
    friend: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    entries: Mapped[int] = mapped_column(INDEX, default=0)
    certificates: Mapped[int] = mapped_column(INDEX, default=0)


class CreditHourRow(Base):
    """The same for an hour (its beginning in UTC); kept for two days."""

    __tablename__ = "credit_hours"
    hour: Mapped[datetime] = mapped_column(moment(), primary_key=True)
    friend: Mapped[str] = mapped_column(String(64), primary_key=True)
    entries: Mapped[int] = mapped_column(INDEX, default=0)
    certificates: Mapped[int] = mapped_column(INDEX, default=0)


class CreditTotalRow(Base):
    """The credit of a friend for all days; ``days`` are those with any."""

    __tablename__ = "credit_totals"
    friend: Mapped[str] = mapped_column(String(64), primary_key=True)
    entries: Mapped[int] = mapped_column(INDEX, default=0)
    certificates: Mapped[int] = mapped_column(INDEX, default=0)
    days: Mapped[int] = mapped_column(INDEX, default=0)


class LogFaultRow(Base):
    """How often a log failed in one way on a day in Asia/Tokyo, and how that was told the last time."""

    __tablename__ = "log_faults"
    log_id: Mapped[str] = mapped_column(ForeignKey("logs.log_id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(ascii_text(32), primary_key=True)
    times: Mapped[int] = mapped_column(INDEX, default=0)
    last_at: Mapped[datetime] = mapped_column(moment())
    last_text: Mapped[str] = mapped_column(String(255))
