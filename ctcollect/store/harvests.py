"""Recording a harvest that was checked: one transaction, and the same harvest twice changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from ctcollect.errors import HarvestRefused
from ctcollect.harvest import Harvest
from ctcollect.models import (
    FULL,
    OPEN,
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
from ctcollect.store.deliveries import note_deliveries
from ctcollect.store.engine import insert_new, table_of, tokyo_day, upsert
from ctcollect.store.reading import Found, Outcome, Reading, Unreadable
from ctcollect.store.second_opinions import ask_for_checks
from ctcollect.store.subtrees import add_subtrees
from ctcollect.store.workers import count_work

BUCKET_SECONDS = 10


def look_up(session: Session, harvest: Harvest) -> tuple[LogRow, list[Span]]:
    """The harvest's log, and the spans of its units that are not recorded yet.

    HarvestRefused for an unknown log and for a span that is not wanted.
    """
    log = session.get(LogRow, harvest.log_id)
    row = session.get(RangeRow, _range_key(harvest))
    if log is None:
        raise HarvestRefused(f"there is no log {harvest.log_id}")
    return log, _new_spans(harvest, _wanted(row, harvest))


def record_harvest(session: Session, reading: Reading) -> Outcome | None:
    """Store everything of a harvest that is new. HarvestRefused when its span is not wanted.

    None, and nothing is stored, when the spans that are new are not those that were read: others have recorded
    or discarded some of them meanwhile.
    """
    harvest = reading.harvest
    with _refusing_odd_values():
        row = _wanted(session.get(RangeRow, _range_key(harvest), with_for_update=True), harvest)
        if _new_spans(harvest, row) != reading.spans:
            return None
        _mark_done(row, reading)
        is_new = _end_lease(session, harvest, row) or bool(reading.spans)
        outcome = _record_entries(session, reading, row) if is_new else Outcome(0, 0, 0, 0, row.state == FULL)
        session.flush()
    return replace(outcome, is_new=is_new)


@contextmanager
def _refusing_odd_values() -> Iterator[None]:
    """A value that its column does not take would fail each time it is tried: that is the harvest's fault."""
    try:
        yield
    except DataError as error:
        raise HarvestRefused(f"a value that the tables do not take: {error.orig!r:.150}") from None


def _range_key(harvest: Harvest) -> tuple[str, int]:
    return harvest.log_id, range_at(harvest.order_start, harvest.order_end).start


def _wanted(row: RangeRow | None, harvest: Harvest) -> RangeRow:
    if row is None or harvest.order_end > row.end_index:
        raise HarvestRefused(f"{Span(harvest.order_start, harvest.order_end)} of {harvest.log_id} is not wanted")
    if harvest.end % UNIT_ENTRIES and harvest.end != row.end_index:
        raise HarvestRefused(f"the span {harvest.span} ends inside a unit")
    return row


def _bitmap(row: RangeRow) -> UnitBitmap:
    return UnitBitmap(Span(row.start_index, row.end_index), row.units_done)


def _new_spans(harvest: Harvest, row: RangeRow) -> list[Span]:
    """The spans of the harvest's units that are not recorded yet."""
    return _bitmap(row).missing(harvest.span) if row.state == OPEN and len(harvest.span) else []


def _mark_done(row: RangeRow, reading: Reading) -> None:
    harvest, spans = reading.harvest, reading.spans
    if not spans:
        return
    row.brought_by, row.brought_at = reading.friend, reading.collected_at
    bitmap = _bitmap(row)
    for span in spans:
        bitmap.add(span)
    row.units_done = bitmap.to_bytes()
    if spans[0].start == row.start_index:
        row.first_leaf_hash = harvest.first_leaf_hash.hex()
    if bitmap.is_full():
        row.state, row.audit_after = FULL, None


def _end_lease(session: Session, harvest: Harvest, row: RangeRow) -> bool:
    """Whether the harvest was the last of an order that was out. What the order still lacks is free at once."""
    lease = session.get(LeaseRow, (harvest.log_id, harvest.order_start)) if harvest.last else None
    if lease is None or lease.end_index != harvest.order_end:
        return False
    session.delete(lease)
    if row.state == OPEN and _bitmap(row).missing(Span(harvest.order_start, harvest.order_end)):
        row.issued_until = None
    return True


def _unit_subtrees(harvest: Harvest, spans: Sequence[Span]) -> list[Subtree]:
    firsts = [span.start + i * UNIT_ENTRIES for span in spans for i in range(unit_count(span))]
    return [Subtree(UNIT_LEVEL, first // UNIT_ENTRIES, harvest.unit_root(first)) for first in firsts]


def _record_entries(session: Session, reading: Reading, row: RangeRow) -> Outcome:
    spans, found = reading.spans, reading.found
    # First of all, one recorder a log at a time: two that hold certificates, or share the log's row because
    # they wrote rows that refer to it, would each wait for what the other has.
    log = session.get_one(LogRow, row.log_id, with_for_update=True)
    ids, first_brought = put_certificates(session, log.log_id, found, reading.collected_at)
    units = _unit_subtrees(reading.harvest, spans)
    add_subtrees(session, row.log_id, _bitmap(row).span, units)
    note_deliveries(session, reading, row, spans, units, first_brought)
    if reading.wants_second_opinion:
        ask_for_checks(session, reading, log.queue, row.start_index, spans)
    malformed = _put_malformed(session, log.log_id, reading.unreadable)
    sightings, log_certificates = _put_sightings(session, log, reading, ids)
    outcome = Outcome(sum(map(len, spans)), sightings, len(first_brought), malformed, row.state == FULL)
    log.entries_done += outcome.entries
    log.sightings += sightings
    log.certificates += log_certificates
    log.malformed += malformed
    log.requests += reading.harvest.requests
    log.throttled += reading.harvest.throttled
    if spans and outcome.range_is_full:
        log.open_ranges -= 1
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


def _put_sightings(session: Session, log: LogRow, reading: Reading, ids: Mapping[str, int]) -> tuple[int, int]:
    """Returns (sightings that are new, certificates that this log had not shown before)."""
    where = (SightingRow.log_id == log.log_id, SightingRow.leaf_index.in_([each.index for each in reading.found]))
    known = set(session.scalars(select(SightingRow.leaf_index).where(*where)))
    rows = [_sighting(log, reading, each, ids) for each in reading.found if each.index not in known]
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
        "leaf_file": reading.leaf_file_of(found.index),
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
    count_work(session, worker, reading.collected_at, outcome.entries, outcome.sightings)
    if outcome.entries or harvest.requests:
        second = int((reading.collected_at - datetime(1970, 1, 1)).total_seconds())
        bucket = {"bucket_start": second - second % BUCKET_SECONDS, "log_id": log.log_id, "worker": worker}
        done = {"entries": outcome.entries, "requests": harvest.requests, "throttled": harvest.throttled}
        upsert(session, table_of(PaceCountRow), [bucket | done], add=tuple(done))


def sighted_entries(session: Session) -> set[tuple[str, int]]:
    """Every sighting as (log name, leaf index)."""
    rows = session.execute(select(SightingRow.log_name, SightingRow.leaf_index))
    return {(name, index) for name, index in rows}
