"""What follows when a friend's work is found false: it is undone and given to others; the friend may lose trust."""

import contextlib
import logging
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from ctcollect.coordinator import leaf_files
from ctcollect.coordinator.context import Context
from ctcollect.coordinator.entries import read_entry
from ctcollect.errors import BrokerUnavailable, MalformedEntry
from ctcollect.harvest import friend_of
from ctcollect.models import DeliveryRow, LogRow
from ctcollect.store import Found, Session, certificates, deliveries, incidents, ledger, second_opinions, trust
from ctcollect.store.discard import Discarded

logger = logging.getLogger(__name__)


def undo(context: Context, log_id: str, range_start: int, wrong: Sequence[DeliveryRow] | None) -> None:
    """Discard false deliveries of a range and let others bring them; their friends may lose trust by it.

    None: nobody can tell which are false, so all are discarded and nobody is blamed.
    """
    if wrong is None:
        with context.store.transaction() as session:
            _note_failed_audit(session, log_id)
            _clean_up(context, session, deliveries.discard_range(session, log_id, range_start))
        return
    # Told by more than its place: another delivery may have taken that meanwhile.
    false = {(each.start_index, each.worker, each.recorded_at) for each in wrong}
    friends = sorted({each.friend for each in wrong})
    with context.store.transaction() as session:
        faults = _faults(wrong, deliveries.range_deliveries(session, log_id, range_start))
        _note_failed_audit(session, log_id)
        discarded = deliveries.discard_deliveries(
            session, log_id, range_start, lambda each: (each.start_index, each.worker, each.recorded_at) in false
        )
        _clean_up(context, session, discarded)
        for friend in friends:
            ledger.avoid(session, log_id, range_start, friend)
        trust.count_false_deliveries(session, faults)
        fallen = trust.reassess(session, friends)
    for friend in fallen:
        undo_all(context, friend)


def _faults(wrong: Sequence[DeliveryRow], all_of_range: Sequence[DeliveryRow]) -> dict[str, int]:
    """How much the false deliveries of a range count against their workers.

    One bad hour of a log spoils several deliveries of whoever reads it then: they are one fault. Where more than half
    of what a worker brought is false, each is.
    """
    false, brought = Counter(each.worker for each in wrong), Counter(each.worker for each in all_of_range)
    return {worker: count if 2 * count > brought[worker] else 1 for worker, count in false.items()}


def _note_failed_audit(session: Session, log_id: str) -> None:
    incidents.note_incident(session, incidents.AUDIT_FAILED, session.get_one(LogRow, log_id).name)


def blame(context: Context, worker: str) -> None:
    """What this worker says of a log is not what the log holds; as a delivery, that would be a false one."""
    with context.store.transaction() as session:
        trust.count_false_deliveries(session, {worker: 1})
        fallen = trust.reassess(session, [friend_of(worker)])
    for friend in fallen:
        undo_all(context, friend)


def condemn(context: Context, friend: str, reason: str) -> None:
    """The friend kept entries back: nothing that it did can be relied on."""
    with context.store.transaction() as session:
        before = trust.trust_of(session, friend)
        trust.set_trust(session, friend, trust.UNTRUSTED)
    if before != trust.UNTRUSTED:
        logger.warning("%s is untrusted now: %s", friend, reason)
        undo_all(context, friend)


def undo_all(context: Context, friend: str) -> None:
    """Discard everything that a friend delivered, range by range, and ask its workers to take no more."""
    with contextlib.suppress(BrokerUnavailable):
        context.broker.stop_orders(friend)
    with context.store.transaction() as session:
        second_opinions.ask_again(session, friend)
        ranges = deliveries.ranges_of_friend(session, friend)
    for log_id, range_start in ranges:
        _undo_range(context, log_id, range_start, friend)


def undo_rest(context: Context) -> None:
    """Finish what undo_all() could not: it was broken off, or a harvest was being recorded at that moment.

    A worker that was started again since is asked again to take no more: it would stand between others and orders.
    """
    with context.store.reading() as session:
        friends = trust.friends_with(session, [trust.UNTRUSTED])
    for friend in sorted(friends):
        undo_all(context, friend)


def _undo_range(context: Context, log_id: str, range_start: int, friend: str) -> None:
    with context.store.transaction() as session:
        ledger.avoid(session, log_id, range_start, friend)
        discarded = deliveries.discard_deliveries(session, log_id, range_start, lambda each: each.friend == friend)
        _clean_up(context, session, discarded)


def _clean_up(context: Context, session: Session, discarded: Discarded) -> None:
    data_dir = context.settings.data_dir
    _renew_certificates(session, data_dir, discarded.certificates)
    # Before the commit: behind it new files of the same names may come.
    leaf_files.remove(data_dir, discarded.leaf_files)


def _renew_certificates(session: Session, data_dir: Path, numbers: set[int]) -> None:
    """Some of their fields may have come from a false entry that passed for theirs: read those that are left."""
    found: dict[int, list[Found]] = {}
    sightings = certificates.sightings_by_file(session, numbers)
    for path, group in groupby(sightings, key=lambda sighting: sighting[0]):
        try:
            entries = leaf_files.read(data_dir, path)
            for _, index, number in group:
                found.setdefault(number, []).append(read_entry(index, *entries[index]))
        except (MalformedEntry, KeyError) as error:
            logger.warning("certificates keep fields that may be false: %s", error)
    for number, readings in found.items():
        certificates.renew_certificate(session, number, readings)
