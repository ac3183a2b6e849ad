"""Entries as the coordinator reads them: names and fields from the leaf itself."""

from collections.abc import Sequence
from datetime import UTC, datetime

from ctcollect import certificate
from ctcollect.domains import may_hold_jp
from ctcollect.errors import MalformedEntry
from ctcollect.harvest import HarvestEntry
from ctcollect.protocol.rfc6962 import (
    EntryType,
    ExtraData,
    MerkleTreeLeaf,
    is_well_formed,
    parse_extra_data,
    parse_leaf,
)
from ctcollect.store import Found, Unreadable

ENTRY_TYPES = {EntryType.X509: "x509", EntryType.PRECERT: "precert"}


def read_entries(entries: Sequence[HarvestEntry]) -> tuple[list[Found], list[Unreadable]]:
    """Names and fields are taken from the leaf here, never from the friend's word. What is not .jp is left out."""
    found, unreadable = [], []
    for entry in entries:
        if not _may_be_wanted(entry.leaf_input):
            continue
        try:
            reading = read_entry(entry.index, entry.leaf_input, entry.extra_data)
        except MalformedEntry as error:
            unreadable.append(Unreadable(entry.index, str(error), entry.leaf_input))
        else:
            found.extend([reading] if reading.fields.jp_names else [])
    return found, unreadable


def read_entry(index: int, leaf_input: bytes, extra_data: bytes) -> Found:
    """MalformedEntry when nobody can read it, or when damage may hide a .jp name and none stands outside of it."""
    leaf = parse_leaf(leaf_input)
    fields = certificate.from_entry(leaf, _extra_data(leaf, extra_data))
    if not fields.jp_names:
        certificate.entry_jp_names(leaf)
    return Found(index, _leaf_timestamp(leaf), ENTRY_TYPES[leaf.entry_type], fields)


def is_wanted(leaf_input: bytes) -> bool:
    """Whether an honest worker sends the entry and it is stored: it holds a .jp name, or nobody can tell."""
    try:
        return _may_be_wanted(leaf_input) and bool(certificate.entry_jp_names(parse_leaf(leaf_input)))
    except MalformedEntry:
        return True


def _may_be_wanted(leaf_input: bytes) -> bool:
    """What a worker passes over without reading it must not come from another one, as though it had been kept back."""
    return may_hold_jp(leaf_input) or not is_well_formed(leaf_input)


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
