"""What is kept of windows by time: samples of a log's timestamps, and the windows that grow with their log."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ctcollect.models import FollowedWindowRow, TimestampSampleRow
from ctcollect.ranges import RANGE_ENTRIES, UNIT_ENTRIES
from ctcollect.store.engine import insert_new, table_of, upsert, utc_now
from ctcollect.timestamps import Sample

# Where in a range the units begin that a search reads.
UNITS_SEARCHED = (0, RANGE_ENTRIES - UNIT_ENTRIES)


def samples(session: Session, log_id: str) -> dict[int, Sample]:
    """The samples of a log by the index of their first entry."""
    rows = session.scalars(select(TimestampSampleRow).where(TimestampSampleRow.log_id == log_id))
    return {row.leaf_index: Sample(row.leaf_index, tuple(row.timestamps_ms)) for row in rows}


def keep_sample(session: Session, log_id: str, sample: Sample) -> None:
    """Keep a sample, in place of one from the same index on.

    A search comes back to the first and the last unit of a range. Any other is of the end of a log, and the ends
    that the log had before are forgotten.
    """
    place = TimestampSampleRow.leaf_index % RANGE_ENTRIES
    if sample.start % RANGE_ENTRIES not in UNITS_SEARCHED:
        old_ends = (TimestampSampleRow.log_id == log_id, place.not_in(UNITS_SEARCHED))
        session.execute(delete(TimestampSampleRow).where(*old_ends))
    row = {"log_id": log_id, "leaf_index": sample.start, "timestamps_ms": list(sample.timestamps_ms)}
    upsert(session, table_of(TimestampSampleRow), [row], replace=["timestamps_ms"])


def followed(session: Session, log_id: str) -> Sequence[str]:
    """The windows of a log, as text, that grow with it."""
    where = FollowedWindowRow.log_id == log_id
    return session.scalars(
        select(FollowedWindowRow.window_text).where(where).order_by(FollowedWindowRow.window_text)
    ).all()


def all_followed(session: Session) -> dict[str, list[str]]:
    """By log_id: the windows, as text, that grow with it."""
    rows = session.scalars(select(FollowedWindowRow).order_by(FollowedWindowRow.log_id, FollowedWindowRow.window_text))
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.log_id, []).append(row.window_text)
    return found


def follow(session: Session, log_id: str, windows: Iterable[str]) -> None:
    """Let these windows grow with the log; those that do already go on."""
    rows = [{"log_id": log_id, "window_text": window, "since": utc_now()} for window in windows]
    insert_new(session, table_of(FollowedWindowRow), rows)


def unfollow(session: Session, log_id: str, windows: Iterable[str]) -> None:
    """These windows do not grow any more; what is wanted stays wanted."""
    where = (FollowedWindowRow.log_id == log_id, FollowedWindowRow.window_text.in_(list(windows)))
    session.execute(delete(FollowedWindowRow).where(*where))
