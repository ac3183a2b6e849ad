"""Recording harvests that were checked: one transaction, and the same harvest twice changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from ctcollect.errors import HarvestRefused
from ctcollect.harvest import Harvest
from ctcollect.models import FULL, OPEN, RangeRow, SightingRow
from ctcollect.ranges import UNIT_ENTRIES, Span, UnitBitmap
from ctcollect.store.engine import is_among
from ctcollect.store.harvest_recording import Taken, record_taken
from ctcollect.store.order_ends import end_orders
from ctcollect.store.reading import Outcome, Reading, range_key

# None: the spans that are new are not those that were read; others have recorded or discarded some meanwhile.
Verdict = Outcome | HarvestRefused | None


def look_up(session: Session, harvest: Harvest) -> list[Span]:
    """The spans of the harvest's units that are not recorded yet. HarvestRefused for a span that is not wanted."""
    return _new_spans(harvest, _wanted(session.get(RangeRow, range_key(harvest)), harvest))


def record_harvests(session: Session, readings: Sequence[Reading]) -> list[Verdict]:
    """Store everything of these harvests that is new, in about as many statements as one of them takes.

    A verdict for each: HarvestRefused for one whose span is not wanted, and of such a one nothing is stored. It is
    raised for all of them when the tables do not take some value.
    """
    with _refusing_odd_values(), session.no_autoflush:
        rows = _locked_ranges(session, readings)
        takes = [_take(reading, rows.get(range_key(reading.harvest))) for reading in readings]
        taken = [each for each in takes if isinstance(each, Taken)]
        end_orders(session, taken)
        outcomes = record_taken(session, [each for each in taken if each.is_new])
        session.flush()
    return [_verdict(each, outcomes) if isinstance(each, Taken) else each for each in takes]


def _verdict(taken: Taken, outcomes: Mapping[Taken, Outcome]) -> Outcome:
    return outcomes.get(taken) or Outcome(0, 0, 0, 0, taken.row.state == FULL)


def _locked_ranges(session: Session, readings: Sequence[Reading]) -> dict[tuple[str, int], RangeRow]:
    """By log and start; in the order of the key, which all keep who lock several."""
    key = (RangeRow.log_id, RangeRow.start_index)
    in_order = select(RangeRow).where(is_among(key, {range_key(each.harvest) for each in readings})).order_by(*key)
    rows = session.scalars(in_order.with_for_update(), execution_options={"populate_existing": True})
    return {(row.log_id, row.start_index): row for row in rows}


def _take(reading: Reading, found: RangeRow | None) -> Taken | HarvestRefused | None:
    try:
        row = _wanted(found, reading.harvest)
    except HarvestRefused as refusal:
        return refusal
    if _new_spans(reading.harvest, row) != reading.spans:
        return None
    return Taken(reading, row, _mark_done(row, reading))


@contextmanager
def _refusing_odd_values() -> Iterator[None]:
    """A value that its column does not take would fail each time it is tried: that is the harvest's fault."""
    try:
        yield
    except DataError as error:
        raise HarvestRefused(f"a value that the tables do not take: {error.orig!r:.150}") from None


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


def _mark_done(row: RangeRow, reading: Reading) -> bool:
    """Whether the range is full now and was not before."""
    harvest, spans = reading.harvest, reading.spans
    if not spans:
        return False
    row.brought_by, row.brought_at = reading.friend, reading.collected_at
    bitmap = _bitmap(row)
    for span in spans:
        bitmap.add(span)
    row.units_done = bitmap.to_bytes()
    if spans[0].start == row.start_index:
        row.first_leaf_hash = harvest.first_leaf_hash.hex()
    if bitmap.is_full():
        row.state, row.audit_after = FULL, None
    return bitmap.is_full()


def sighted_entries(session: Session) -> set[tuple[str, int]]:
    """Every sighting as (log name, leaf index)."""
    rows = session.execute(select(SightingRow.log_name, SightingRow.leaf_index))
    return {(name, index) for name, index in rows}
