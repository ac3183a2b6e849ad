"""The recorder: a harvest is hostile input; what passes is stored in one transaction, its leaf file first."""

from collections.abc import Sequence
from datetime import UTC, datetime

from ctcollect import certificate
from ctcollect.coordinator import leaf_files
from ctcollect.coordinator.context import Context
from ctcollect.errors import HarvestRefused, MalformedEntry, TreeMismatch
from ctcollect.harvest import Harvest, HarvestEntry
from ctcollect.protocol.merkle import leaf_hash, verify_inclusion
from ctcollect.protocol.rfc6962 import EntryType, ExtraData, MerkleTreeLeaf, parse_extra_data, parse_leaf
from ctcollect.ranges import UNIT_ENTRIES, Span
from ctcollect.store import Found, Outcome, Reading, Session, Unreadable, ledger, utc_now
from ctcollect.store import logs as log_store
from ctcollect.store.harvests import look_up, record_harvest
from ctcollect.store.workers import WorkerSign, friend_of, note_signs

# A friend that is throttled or out of time is no sign that the log is ill.
NO_FAULT_OF_THE_LOG = ("", "Throttled", "OutOfTime")
# No log has so many entries, no order takes so many requests or bytes; sums stay inside a column of 64 bits.
HIGHEST_NUMBER = 2**40
WORKER_CHARACTERS = 191
ENTRY_TYPES = {EntryType.X509: "x509", EntryType.PRECERT: "precert"}


def record(context: Context, document: object, worker: str) -> Outcome:
    """Check a harvest and store what of it is new. HarvestRefused when it is not what a worker may send.

    Running it twice with one harvest changes nothing the second time.
    """
    harvest = _read(document)
    worker = worker[:WORKER_CHARACTERS]
    for entry in harvest.entries:
        _check_proof(harvest, entry)
    with context.store.reading() as session:
        log, new_spans = look_up(session, harvest)
    news = [each for each in harvest.entries if any(start <= each.index < end for start, end in new_spans)]
    found, unreadable = read_entries(news)
    leaf_file = leaf_files.write(context.settings.data_dir, log, worker, harvest, found) if found else ""
    reading = Reading(harvest, worker, friend_of(worker), found, unreadable, leaf_file, utc_now())
    with context.store.transaction() as session:
        outcome = record_harvest(session, reading)
        if outcome.is_new:
            _note_health(session, harvest)
            note_signs(session, [WorkerSign(worker, reading.collected_at, version=harvest.client)])
    return outcome


def _read(document: object) -> Harvest:
    """HarvestRefused also for values that the tables do not take: they would fail each time they are tried."""
    harvest = Harvest.from_json(document)
    numbers = (harvest.order_end, harvest.requests, harvest.throttled, harvest.received_bytes)
    if not all(0 <= each <= HIGHEST_NUMBER for each in numbers):
        raise HarvestRefused("a number in it is not to be believed")
    texts = (harvest.fault_kind, harvest.fault, harvest.client)
    if not harvest.log_id.isascii() or any("\ud800" <= character <= "\udfff" for character in "".join(texts)):
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


def read_entries(entries: Sequence[HarvestEntry]) -> tuple[list[Found], list[Unreadable]]:
    """Names and fields are taken from the leaf here, never from the friend's word. What is not .jp is left out."""
    found, unreadable = [], []
    for entry in entries:
        try:
            reading = _read_entry(entry)
        except MalformedEntry as error:
            unreadable.append(Unreadable(entry.index, str(error), entry.leaf_input))
        else:
            found.extend([reading] if reading.fields.jp_names else [])
    return found, unreadable


def _read_entry(entry: HarvestEntry) -> Found:
    leaf = parse_leaf(entry.leaf_input)
    fields = certificate.from_entry(leaf, _extra_data(leaf, entry.extra_data))
    return Found(entry.index, _leaf_timestamp(leaf), ENTRY_TYPES[leaf.entry_type], fields)


def _extra_data(leaf: MerkleTreeLeaf, extra_data: bytes) -> ExtraData | None:
    """The Merkle tree does not cover extra_data: when it can't be read the entry still counts."""
    try:
        return parse_extra_data(extra_data, leaf.entry_type)
    except MalformedEntry:
        return None


def _leaf_timestamp(leaf: MerkleTreeLeaf) -> datetime | None:
    try:
        return datetime.fromtimestamp(leaf.timestamp_ms / 1000, UTC).replace(tzinfo=None)
    except (OverflowError, ValueError, OSError):
        return None


def _note_health(session: Session, harvest: Harvest) -> None:
    if harvest.fault_kind not in NO_FAULT_OF_THE_LOG:
        log_store.rest_log(session, harvest.log_id, harvest.fault, unreachable=harvest.fault_kind == "LogUnavailable")
    elif len(harvest.span):
        log_store.mark_reachable(session, harvest.log_id)


def take_back(context: Context, document: object) -> None:
    """A refused harvest: its sub-range, if it names one that is out, is free to be issued again."""
    try:
        harvest = _read(document)
    except HarvestRefused:
        return
    with context.store.transaction() as session:
        ledger.end_leases(session, [(harvest.log_id, Span(harvest.order_start, harvest.order_end))])
