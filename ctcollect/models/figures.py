"""What is noted of the collection as time goes by: samples of its counters, gauges, what went wrong on which day."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ctcollect.models.columns import HEX32, INDEX, Base, ascii_text, moment

# The two series of samples: a sample a minute for two days, and the first of each hour for ever.
MINUTE, HOUR = 60, 3600


class FleetSampleRow(Base):
    """The counters of all logs together at a moment (Unix seconds): every sample that was taken has its row here."""

    __tablename__ = "fleet_samples"
    series: Mapped[int] = mapped_column(primary_key=True)
    sampled_at: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entries_done: Mapped[int] = mapped_column(INDEX)
    entries_verified: Mapped[int] = mapped_column(INDEX)
    sightings: Mapped[int] = mapped_column(INDEX)
    registered: Mapped[int] = mapped_column(INDEX)
    requests: Mapped[int] = mapped_column(INDEX)
    throttled: Mapped[int] = mapped_column(INDEX)


class ProgressSampleRow(Base):
    """The counters of one log at a moment; no row where they were those of the log's row before."""

    __tablename__ = "progress_samples"
    __table_args__ = (Index(None, "series", "log_id", "sampled_at"),)
    series: Mapped[int] = mapped_column(primary_key=True)
    sampled_at: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    log_id: Mapped[str] = mapped_column(HEX32, ForeignKey("logs.log_id"), primary_key=True)
    entries_done: Mapped[int] = mapped_column(INDEX)
    entries_verified: Mapped[int] = mapped_column(INDEX)
    sightings: Mapped[int] = mapped_column(INDEX)
    registered: Mapped[int] = mapped_column(INDEX)
    requests: Mapped[int] = mapped_column(INDEX)
    throttled: Mapped[int] = mapped_column(INDEX)


class GaugeRow(Base):
    """A figure that only the coordinator's machine can look up, as it was last; ``maximum`` where there is one."""

    __tablename__ = "gauges"
    name: Mapped[str] = mapped_column(ascii_text(64), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
    maximum: Mapped[int | None] = mapped_column(BigInteger)
    sampled_at: Mapped[datetime] = mapped_column(moment())


class IncidentRow(Base):
    """How often something went wrong with one subject, such as a log, on a day (in Asia/Tokyo)."""

    __tablename__ = "incidents"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(ascii_text(32), primary_key=True)
    subject: Mapped[str] = mapped_column(String(191), primary_key=True)
    times: Mapped[int] = mapped_column(INDEX)
    first_at: Mapped[datetime] = mapped_column(moment())
    last_at: Mapped[datetime] = mapped_column(moment())
