"""The recorder: a harvest is hostile input; what passes is stored in one transaction, its leaf file first."""

import logging
import random
from dataclasses import replace

from ctcollect.coordinator import distrust, leaf_files, second_opinion
from ctcollect.coordinator.context import Context
from ctcollect.coordinator.entries import read_entries
from ctcollect.coordinator.senders import sender_of
from ctcollect.errors import DiskUnavailable, HarvestRefused, StoreUnavailable, TreeMismatch
from ctcollect.harvest import CHECK, LOG_ID, PROTOCOL_VERSION, Harvest, HarvestEntry, friend_of, worker_name
from ctcollect.protocol.merkle import leaf_hash, verify_inclusion
from ctcollect.ranges import UNIT_ENTRIES, Span
from ctcollect.store import Outcome, Reading, Session, faults, ledger, refused, second_opinions, utc_now
from ctcollect.store import logs as log_store
from ctcollect.store.harvests import look_up, record_harvest
from ctcollect.store.trust import TRUSTED, UNTRUSTED, trust_of
from ctcollect.store.workers import COORDINATOR, WorkerSign, note_signs

logger = logging.getLogger(__name__)

NOT_HERE = "NotHere"
# A friend that is throttled or out of time is no sign that the log is ill.
NO_FAULT_OF_THE_LOG = (
    "",
    "Throttled",
    "OutOfTime",
    "Avoided",
    "Redelivered",
    "LogPaused",
    "ProxyUnavailable",
    NOT_HERE,
)
NO_FAULT_TO_COUNT = tuple(kind for kind in NO_FAULT_OF_THE_LOG if kind != "Throttled")
# No log has so many entries, no order takes so many requests or bytes; sums stay inside a column of 64 bits.
HIGHEST_NUMBER = 2**40
# Of these no trust is kept.
NO_FRIENDS = ("", COORDINATOR)
SUSPECT_TIMES = 10
NOTHING_NEW = Outcome(0, 0, 0, 0, False)


def record_from(context: Context, document: object, claimed: object, queue: str) -> bool:
    """Record a harvest that came by ``queue``, as record_or_set_aside(); whether it was worth its way."""
    try:
        worker = sender_of(context, queue, claimed)
    except HarvestRefused as error:
        logger.warning("a harvest is refused: %s", error)
        # Nobody is blamed: whoever has sent it, it was not the one whose name it bears.
        set_aside(context, document, "", str(error))
        return False
    return record_or_set_aside(context, document, worker)


def record_or_set_aside(context: Context, document: object, worker: object) -> bool:
    """Record a harvest; one that can't be recorded is set aside and never stands in the way of the others.

    Returns whether it brought anything that was not there before.
    StoreUnavailable says that it should be tried again. A harvest that fails five times while the database
    takes all else is at fault itself.
    """
    name = worker_name(worker)
    try:
        return record(context, document, name).is_new
    except HarvestRefused as error:
        logger.warning("a harvest of %s is refused: %s", name, error)
        set_aside(context, document, name, str(error))
        if _is_garbage(document):
            distrust.blame(context, name)
    except DiskUnavailable:
        raise
    except StoreUnavailable as error:
        # In this order: what fails while the database is away does not count.
        if not (context.store.takes_writes() and context.patience.is_over(document, name)):
            raise
        logger.warning("a harvest of %s is set aside: %s", name, error)
        set_aside(context, document, name, str(error))
    except Exception as error:
        logger.exception("a harvest of %s is set aside", name)
        set_aside(context, document, name, f"{type(error).__name__}: {error}")
    return False


def record(context: Context, document: object, worker: str) -> Outcome:
    """Check a harvest and store what of it is new. HarvestRefused when it is not what a worker may send.

    Running it twice with one harvest changes nothing the second time.
    """
    harvest, worker = _checked(document), worker_name(worker)
    trust = _trust(context, friend_of(worker))
    if harvest.purpose == CHECK:
        return replace(NOTHING_NEW, is_new=_compare(context, harvest, worker))
    outcome = None
    while outcome is None:
        outcome = _record(context, harvest, worker, _draw(context, trust))
    return outcome


def _trust(context: Context, friend: str) -> str:
    if friend in NO_FRIENDS:
        raise HarvestRefused(f"{friend!r} is no friend's name")
    with context.store.reading() as session:
        trust = trust_of(session, friend)
    if trust == UNTRUSTED:
        raise HarvestRefused(f"{friend} is not trusted")
    return trust


def _compare(context: Context, harvest: Harvest, worker: str) -> bool:
    with context.store.transaction() as session:
        log, _ = look_up(session, harvest)
        # A friend who only checks is known as well: else nobody could lose trust in him.
        note_signs(session, [WorkerSign(worker, utc_now(), version=harvest.client)])
    is_open = second_opinion.compare(context, log, harvest, worker)
    if is_open:
        with context.store.transaction() as session:
            _note_health(session, harvest)
    return is_open


def _record(context: Context, harvest: Harvest, worker: str, wants_second_opinion: bool) -> Outcome | None:
    """None when others have changed what is new of it while it was read: then it is to be read again."""
    with context.store.reading() as session:
        log, spans = look_up(session, harvest)
    found, unreadable = read_entries([each for each in harvest.entries if any(each.index in range(*s) for s in spans)])
    with leaf_files.written(context.settings.data_dir, log, worker, harvest, spans, found) as files:
        names = {span: file.relative for span, file in files.items()}
        reading = Reading(
            harvest, worker, friend_of(worker), spans, found, unreadable, names, utc_now(), wants_second_opinion
        )
        with context.store.transaction() as session:
            outcome = record_harvest(session, reading)
            if outcome is None or not outcome.is_new:
                return outcome
            # Now that the range is locked nobody else can have a file of the same name.
            for file in files.values():
                file.place()
            _note_health(session, harvest)
            if harvest.fault_kind == NOT_HERE:
                ledger.avoid(session, harvest.log_id, harvest.order_start, friend_of(worker))
            note_signs(session, [WorkerSign(worker, reading.collected_at, version=harvest.client)])
    return outcome


def _draw(context: Context, trust: str) -> bool:
    """Whether this harvest is to be checked by another friend; a suspect's ten times as often."""
    share = context.settings.second_opinion_share
    return random.random() < (share if trust == TRUSTED else SUSPECT_TIMES * share)


def _checked(document: object) -> Harvest:
    """A harvest that fits itself, which is all that can be said of it without the database."""
    harvest = _read(document)
    for entry in harvest.entries:
        _check_proof(harvest, entry)
    return harvest


def _is_garbage(document: object) -> bool:
    """What no worker of this version sends. One that came too late, or from another version, is not."""
    version = document.get("version") if isinstance(document, dict) else None
    if type(version) is int and version != PROTOCOL_VERSION:
        return False
    try:
        _checked(document)
    except HarvestRefused:
        return True
    return False


def _read(document: object) -> Harvest:
    """HarvestRefused also for values that the tables do not take: they would fail each time they are tried."""
    harvest = Harvest.from_json(document)
    numbers = (harvest.order_end, harvest.requests, harvest.throttled, harvest.received_bytes)
    if not all(0 <= each <= HIGHEST_NUMBER for each in numbers):
        raise HarvestRefused("a number in it is not to be believed")
    texts = (harvest.fault_kind, harvest.fault, harvest.client)
    if not LOG_ID.fullmatch(harvest.log_id) or any("\ud800" <= character <= "\udfff" for character in "".join(texts)):
        raise HarvestRefused("a text in it is none")
    return harvest


def _check_proof(harvest: Harvest, entry: HarvestEntry) -> None:
    """The entry is the leaf of the unit whose root the worker computed."""
    unit_start = entry.index - entry.index % UNIT_ENTRIES
    size = min(UNIT_ENTRIES, harvest.end - unit_start)
    try:
        verify_inclusion(
            leaf_hash(entry.leaf_input),
            entry.index - unit_start,
            size,
            entry.proof,
            harvest.unit_root(entry.index),
        )
    except TreeMismatch:
        raise HarvestRefused(f"entry {entry.index} does not lead to its unit's root") from None


def _note_health(session: Session, harvest: Harvest) -> None:
    if harvest.fault_kind not in NO_FAULT_TO_COUNT:
        faults.note(session, harvest.log_id, harvest.fault_kind, harvest.fault)
    if harvest.fault_kind not in NO_FAULT_OF_THE_LOG:
        log_store.rest_log(session, harvest.log_id, harvest.fault, unreachable=harvest.fault_kind == "LogUnavailable")
    elif len(harvest.span):
        log_store.mark_reachable(session, harvest.log_id)


def set_aside(context: Context, document: object, worker: str, reason: str) -> None:
    """Keep a harvest that can't be recorded, with its reason; its sub-range, if it names one, is issued again."""
    try:
        harvest: Harvest | None = _read(document)
    except Exception:  # whatever made it fail before may do so again
        harvest = None
    with context.store.transaction() as session:
        refused.put(session, document, harvest, worker, reason)
        if harvest is None:
            return
        order = (harvest.log_id, Span(harvest.order_start, harvest.order_end))
        if harvest.purpose == CHECK:
            second_opinions.take_back_checks(session, [order])
        else:
            ledger.end_leases(session, [order])
            ledger.avoid(session, harvest.log_id, harvest.order_start, friend_of(worker))
