"""What harvests have brought goes into the tables: of all of them together, so that it takes few statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ctcollect.models import FULL, LogRow, RangeRow
from ctcollect.protocol.merkle import Subtree
from ctcollect.ranges import UNIT_ENTRIES, UNIT_LEVEL, Span
from ctcollect.store.certificates import Put, put_certificates
from ctcollect.store.deliveries import Brought, note_deliveries
from ctcollect.store.harvest_counts import Counted, count
from ctcollect.store.harvest_entries import Place, Sighted, put_malformed, put_sightings
from ctcollect.store.reading import Outcome, Reading, Seen
from ctcollect.store.second_opinions import ask_for_checks
from ctcollect.store.subtrees import add_subtrees, merge_nodes


@dataclass(eq=False)
class Taken:
    """A reading whose spans are marked as done in ``row``, its range, which is locked."""

    reading: Reading
    row: RangeRow
    fills_range: bool
    ends_order: bool = False

    @property
    def is_new(self) -> bool:
        return self.ends_order or bool(self.reading.spans)


def record_taken(session: Session, taken: Sequence[Taken]) -> dict[Taken, Outcome]:
    """Record all that is new in these readings."""
    if not taken:
        return {}
    readings = [each.reading for each in taken]
    seen = [Seen(each.harvest.log_id, found) for each in readings for found in each.found]
    put = put_certificates(session, seen, readings[0].collected_at)
    # One recorder a log at a time from here on: two that share the log's row because they wrote rows that refer to
    # it would each wait for what the other has. Who waits here holds nothing that somebody behind it asks for.
    logs = _locked_logs(session, readings)
    _note_deliveries(session, taken, put)
    _ask_for_checks(session, taken, logs)
    malformed = put_malformed(session, readings)
    sighted = put_sightings(session, logs, readings, put.ids)
    outcomes = {each: _outcome(each, put, sighted, malformed) for each in taken}
    count(session, [Counted(logs[each.row.log_id], each.reading, outcome) for each, outcome in outcomes.items()])
    for each in taken:
        logs[each.row.log_id].open_ranges -= each.fills_range
    for log_id, certificates in sighted.shown.items():
        logs[log_id].certificates += certificates
    return outcomes


def _locked_logs(session: Session, readings: Sequence[Reading]) -> dict[str, LogRow]:
    wanted = LogRow.log_id.in_({each.harvest.log_id for each in readings})
    in_order = select(LogRow).where(wanted).order_by(LogRow.log_id).with_for_update()
    rows = session.scalars(in_order, execution_options={"populate_existing": True})
    return {row.log_id: row for row in rows}


def _note_deliveries(session: Session, taken: Sequence[Taken], put: Put) -> None:
    brought = [_brought(each, span, put) for each in taken for span in each.reading.spans]
    nodes: dict[tuple[str, Span], list[Subtree]] = {}
    for each in brought:
        nodes.setdefault((each.row.log_id, Span(each.row.start_index, each.row.end_index)), []).extend(each.nodes)
    add_subtrees(session, nodes)
    note_deliveries(session, brought)


def _brought(taken: Taken, span: Span, put: Put) -> Brought:
    firsts = range(span.start, span.end, UNIT_ENTRIES)
    harvest = taken.reading.harvest
    units = (Subtree(UNIT_LEVEL, first // UNIT_ENTRIES, harvest.unit_root(first)) for first in firsts)
    certificates = sum(span.start <= index < span.end for index in _first_brought(taken.reading, put))
    return Brought(taken.reading, taken.row, span, merge_nodes(units, taken.row.end_index), certificates)


def _first_brought(reading: Reading, put: Put) -> list[int]:
    """The entries of this reading that each brought a certificate that was not known before."""
    return [each.index for each in reading.found if (reading.harvest.log_id, each.index) in put.first_brought]


def _ask_for_checks(session: Session, taken: Sequence[Taken], logs: Mapping[str, LogRow]) -> None:
    for each in taken:
        if each.reading.wants_second_opinion:
            queue = logs[each.row.log_id].queue
            ask_for_checks(session, each.reading, queue, each.row.start_index, each.reading.spans)


def _outcome(taken: Taken, put: Put, sighted: Sighted, malformed: set[Place]) -> Outcome:
    reading, log_id = taken.reading, taken.row.log_id
    return Outcome(
        entries=sum(map(len, reading.spans)),
        sightings=sum((log_id, each.index) in sighted.places for each in reading.found),
        certificates=len(_first_brought(reading, put)),
        malformed=sum((log_id, each.index) in malformed for each in reading.unreadable),
        range_is_full=taken.row.state == FULL,
        is_new=True,
    )
