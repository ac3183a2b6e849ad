"""Values of the tables as JSON values."""

from datetime import UTC, datetime


def utc_text(moment: datetime | None) -> str | None:
    """``2024-01-31T15:00:01+00:00`` of a UTC time without zone; None stays None."""
    return moment.replace(tzinfo=UTC).isoformat(timespec="seconds") if moment else None


def share(part: int, whole: int) -> float | None:
    """A part of a whole, between 0 and 1; None of nothing."""
    return round(min(part / whole, 1.0), 6) if whole > 0 else None
