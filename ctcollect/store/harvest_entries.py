"""What was found in the entries of harvests, as it is recorded: sightings, and what nobody can read."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ctcollect.models import LogRow, MalformedRow, SightingRow
from ctcollect.store.engine import insert_new, is_among, table_of
from ctcollect.store.reading import Found, Reading

Place = tuple[str, int]


class Sighted(NamedTuple):
    """``places``: (log_id, leaf_index) of the sightings that are new; ``shown``: how many certificates each log, by
    log_id, had not shown before."""

    places: frozenset[Place]
    shown: Mapping[str, int]


def put_malformed(session: Session, readings: Iterable[Reading]) -> set[Place]:
    """The entries that were not there yet, of all that nobody can read."""
    unreadable = {(each.harvest.log_id, entry.index): entry for each in readings for entry in each.unreadable}
    new = unreadable.keys() - _known(session, MalformedRow, unreadable)
    rows = [
        {
            "log_id": log_id,
            "leaf_index": index,
            "reason": unreadable[log_id, index].reason[:255],
            "leaf": unreadable[log_id, index].leaf_input,
        }
        for log_id, index in sorted(new)
    ]
    insert_new(session, table_of(MalformedRow), rows)
    return new


def put_sightings(
    session: Session, logs: Mapping[str, LogRow], readings: Sequence[Reading], ids: Mapping[str, int]
) -> Sighted:
    """Store what is new of all that was found; ``ids`` are those of the certificates by identity."""
    found = {(each.harvest.log_id, found.index): (each, found) for each in readings for found in each.found}
    new = sorted(found.keys() - _known(session, SightingRow, found))
    rows = [_sighting(logs[place[0]], *found[place], ids) for place in new]
    pairs = {(row["log_id"], row["certificate_id"]) for row in rows}
    shown = Counter(log_id for log_id, _ in pairs - _shown(session, pairs))
    insert_new(session, table_of(SightingRow), rows)
    return Sighted(frozenset(new), shown)


def _known(session: Session, table: type[SightingRow | MalformedRow], places: Collection[Place]) -> set[Place]:
    """Those of the entries that have a row there."""
    return _pairs(session, table.log_id, table.leaf_index, places)


def _shown(session: Session, pairs: Collection[Place]) -> set[Place]:
    """Those of the pairs of log and certificate of which there is a sighting."""
    return _pairs(session, SightingRow.log_id, SightingRow.certificate_id, pairs)


def _pairs(session: Session, log_column: Any, number_column: Any, pairs: Collection[Place]) -> set[Place]:
    if not pairs:
        return set()
    columns = (log_column, number_column)
    return {(log_id, number) for log_id, number in session.execute(select(*columns).where(is_among(columns, pairs)))}


def _sighting(log: LogRow, reading: Reading, found: Found, ids: Mapping[str, int]) -> dict[str, Any]:
    return {
        "log_id": log.log_id,
        "log_name": log.name,
        "leaf_index": found.index,
        "leaf_timestamp": found.leaf_timestamp,
        "entry_type": found.entry_type,
        "certificate_id": ids[found.identity],
        "friend": reading.friend,
        "worker": reading.worker,
        "leaf_file": reading.leaf_file_of(found.index),
        "collected_at": reading.collected_at,
    }
