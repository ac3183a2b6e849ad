"""What can be said of a harvest without the database: whether it fits itself."""

from ctcollect.errors import HarvestRefused, TreeMismatch
from ctcollect.harvest import LOG_ID, PROTOCOL_VERSION, Harvest, HarvestEntry
from ctcollect.protocol.merkle import leaf_hash, verify_inclusion
from ctcollect.ranges import UNIT_ENTRIES

# No log has so many entries, no order takes so many requests or bytes; sums stay inside a column of 64 bits.
HIGHEST_NUMBER = 2**40


def checked(document: object) -> Harvest:
    """The harvest in a document, each entry proven to lie in its unit; HarvestRefused for anything else."""
    harvest = read(document)
    for entry in harvest.entries:
        _check_proof(harvest, entry)
    return harvest


def is_garbage(document: object) -> bool:
    """What no worker of this version sends. One that came too late, or from another version, is not."""
    version = document.get("version") if isinstance(document, dict) else None
    if type(version) is int and version != PROTOCOL_VERSION:
        return False
    try:
        checked(document)
    except HarvestRefused:
        return True
    return False


def read(document: object) -> Harvest:
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
