"""Recording a harvest that was checked: one transaction, and the same harvest twice changes nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ctcollect.errors import HarvestRefused
from ctcollect.harvest import Harvest
from ctcollect.models import (
    ContributionRow,
    DailyCountRow,
    LeaseRow,
    LogRow,
    MalformedRow,
    PaceCountRow,
    RangeRow,
    SightingRow,
)
from ctcollect.protocol.merkle import Subtree
from ctcollect.ranges import UNIT_ENTRIES, UNIT_LEVEL, Span, UnitBitmap, range_at, unit_count
from ctcollect.store.certificates import put_certificates
from ctcollect.store.engine import insert_new, table_of, upsert
from ctcollect.store.ledger import FULL, OPEN
from ctcollect.store.reading import Found, Outcome, Reading, Unreadable
from ctcollect.store.subtrees import add_subtrees

BUCKET_SECONDS = 10


def look_up(session: Session, harvest: Harvest) -> tuple[LogRow, bool]:
    """The harvest's log, and whether any unit of the harvest is not recorded yet; HarvestRefused for an unknown log."""
    log = session.get(LogRow, harvest.log_id)
    if log is None:
        raise HarvestRefused(f"there is no log {harvest.log_id}")
    start = range_at(harvest.order_start, harvest.order_end).start
    row = session.get(RangeRow, (harvest.log_id, start))
    if row is None or row.state != OPEN or not len(harvest.span):
        return log, False
    bitmap = UnitBitmap(Span(row.start_index, row.end_index), row.units_done)
    return log, bool(bitmap.missing(harvest.span))


def record_harvest(session: Session, reading: Reading) -> Outcome:
    """Store everything of a harvest that is new. HarvestRefused when its span is not wanted."""
    harvest = reading.harvest
    row = _wanted_range(session, harvest)
    range_span = Span(row.start_index, row.end_index)
    bitmap = UnitBitmap(range_span, row.units_done)
    is_wanted = row.state == OPEN
    new_spans = bitmap.missing(harvest.span) if is_wanted and len(harvest.span) else []
    add_subtrees(session, harvest.log_id, range_span, _unit_subtrees(harvest, new_spans))
    for span in new_spans:
        bitmap.add(span)
    row.units_done = bitmap.to_bytes()
    if harvest.start == row.start_index and new_spans and new_spans[0].start == row.start_index:
        row.first_leaf_hash = harvest.first_leaf_hash.hex()
    if is_wanted and bitmap.is_full():
        row.state, row.audit_after = FULL, None
    if harvest.last:
        _end_lease(session, harvest, row)
    return _record_entries(session, reading, new_spans, row.state == FULL)


def _wanted_range(session: Session, harvest: Harvest) -> RangeRow:
    start = range_at(harvest.order_start, harvest.order_end).start
    row = session.get(RangeRow, (harvest.log_id, start), with_for_update=True)
    if row is None or harvest.order_end > row.end_index:
        raise HarvestRefused(f"{Span(harvest.order_start, harvest.order_end)} of {harvest.log_id} is not wanted")
    if harvest.end % UNIT_ENTRIES and harvest.end != row.end_index:
        raise HarvestRefused(f"the span {harvest.span} ends inside a unit")
    return row


def _unit_subtrees(harvest: Harvest, spans: Sequence[Span]) -> list[Subtree]:
    firsts = [span.start + i * UNIT_ENTRIES for span in spans for i in range(unit_count(span))]
    return [Subtree(UNIT_LEVEL, first // UNIT_ENTRIES, harvest.unit_root(first)) for first in firsts]


def _end_lease(session: Session, harvest: Harvest, row: RangeRow) -> None:
    lease = session.get(LeaseRow, (harvest.log_id, harvest.order_start))
    if lease is not None and lease.end_index == harvest.order_end:
        session.delete(lease)
    if harvest.end < harvest.order_end and row.state == OPEN:
        row.issued_until = None


def _record_entries(session: Session, reading: Reading, spans: Sequence[Span], is_full: bool) -> Outcome:
    def is_new(index: int) -> bool:
        return any(span.start <= index < span.end for span in spans)

    found = [each for each in reading.found if is_new(each.index)]
    unreadable = [each for each in reading.unreadable if is_new(each.index)]
    log = session.get_one(LogRow, reading.harvest.log_id)
    ids, registered = put_certificates(session, log.log_id, found, reading.collected_at)
    session.refresh(log, with_for_update=True)
    malformed = _put_malformed(session, log.log_id, unreadable)
    sightings, log_certificates = _put_sightings(session, log, reading, found, ids)
    outcome = Outcome(sum(map(len, spans)), sightings, registered, malformed, is_full)
    log.entries_done += outcome.entries
    log.sightings += sightings
    log.certificates += log_certificates
    log.malformed += malformed
    _count(session, log, reading, outcome)
    return outcome


def _put_malformed(session: Session, log_id: str, unreadable: Sequence[Unreadable]) -> int:
    indices = [each.index for each in unreadable]
    where = (MalformedRow.log_id == log_id, MalformedRow.leaf_index.in_(indices))
    known = set(session.scalars(select(MalformedRow.leaf_index).where(*where)))
    rows = [
        {"log_id": log_id, "leaf_index": each.index, "reason": each.reason[:255], "leaf": each.leaf_input}
        for each in unreadable
        if each.index not in known
    ]
    insert_new(session, table_of(MalformedRow), rows)
    return len(rows)


def _put_sightings(
    session: Session, log: LogRow, reading: Reading, found: Sequence[Found], ids: Mapping[str, int]
) -> tuple[int, int]:
    """Returns (sightings that are new, certificates that this log had not shown before)."""
    where = (SightingRow.log_id == log.log_id, SightingRow.leaf_index.in_([each.index for each in found]))
    known = set(session.scalars(select(SightingRow.leaf_index).where(*where)))
    rows = [_sighting(log, reading, each, ids) for each in found if each.index not in known]
    certificate_ids = {row["certificate_id"] for row in rows}
    where = (SightingRow.log_id == log.log_id, SightingRow.certificate_id.in_(certificate_ids))
    shown = set(session.scalars(select(SightingRow.certificate_id).where(*where)))
    insert_new(session, table_of(SightingRow), rows)
    return len(rows), len(certificate_ids - shown)


def _sighting(log: LogRow, reading: Reading, found: Found, ids: Mapping[str, int]) -> dict[str, Any]:
    return {
        "log_id": log.log_id,
        "log_name": log.name,
        "leaf_index": found.index,
        "leaf_timestamp": found.leaf_timestamp,
        "entry_type": found.entry_type,
        "certificate_id": ids[found.fields.identity],
        "friend": reading.friend,
        "worker": reading.worker,
        "leaf_file": reading.leaf_file,
        "collected_at": reading.collected_at,
    }


def _count(session: Session, log: LogRow, reading: Reading, outcome: Outcome) -> None:
    harvest, worker = reading.harvest, reading.worker
    day = tokyo_day(reading.collected_at)
    daily = {"day": day, "log_name": log.name, "entries": outcome.entries, "uploaded": outcome.sightings}
    daily["registered"] = outcome.certificates
    upsert(session, table_of(DailyCountRow), [daily], add=("entries", "uploaded", "registered"))
    brought = {"worker": worker, "log_id": log.log_id, "day": day, "entries": outcome.entries}
    brought |= {
        "certificates": outcome.sightings,
        "requests": harvest.requests,
        "throttled": harvest.throttled,
    }
    brought["bytes"] = harvest.received_bytes
    counted = ("entries", "certificates", "requests", "throttled", "bytes")
    upsert(session, table_of(ContributionRow), [brought], add=counted)
    if outcome.entries:
        second = int((reading.collected_at - datetime(1970, 1, 1)).total_seconds())
        bucket = {"bucket_start": second - second % BUCKET_SECONDS, "log_id": log.log_id, "worker": worker}
        upsert(session, table_of(PaceCountRow), [bucket | {"entries": outcome.entries}], add=("entries",))


def tokyo_day(moment_utc: datetime) -> Any:
    """The calendar day in Asia/Tokyo of a UTC time without zone."""
    return (moment_utc + timedelta(hours=9)).date()


def sighted_entries(session: Session) -> set[tuple[str, int]]:
    """Every sighting as (log name, leaf index)."""
    rows = session.execute(select(SightingRow.log_name, SightingRow.leaf_index))
    return {(name, index) for name, index in rows}
