"""Walks everything that is stored and says what does not agree. Asks no log: heads, proofs and leaves are all here."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson
import zstandard

from ctcollect.coordinator.entries import read_entry
from ctcollect.errors import CtcollectError, MalformedEntry
from ctcollect.models import OPEN, VERIFIED, LogRow, RangeRow
from ctcollect.protocol.codec import decode_base64
from ctcollect.protocol.merkle import root_from_span, subtrees_root
from ctcollect.protocol.rfc6962 import SignedTreeHead
from ctcollect.protocol.signatures import verify_tree_head
from ctcollect.ranges import Span, UnitBitmap
from ctcollect.store import Session, verify
from ctcollect.store import logs as log_store
from ctcollect.store.subtrees import merge_nodes, range_subtrees
from ctcollect.store.verify import Sighted

MAX_FILE_BYTES = 2**30


def disagreements(session: Session, data_dir: Path, names: Sequence[str] = ()) -> Iterator[str]:
    """One line for each thing that does not agree; nothing when all is well. ``names``: logs, default all."""
    logs = [log_store.log_named(session, name) for name in names] or log_store.all_logs(session)
    for log in logs:
        for line in _of_log(session, data_dir, log):
            yield f"{log.name}: {line}"
    if not names:
        yield from _of_all(session)


def _of_all(session: Session) -> Iterator[str]:
    told, there = verify.registered(session)
    if told != there:
        yield f"the daily counts tell of {told:,} certificates, there are {there:,}"
    if orphans := verify.orphans(session):
        yield f"{orphans:,} certificates have no sighting"


def _of_log(session: Session, data_dir: Path, log: LogRow) -> Iterator[str]:
    roots, done, verified, still_open = {}, 0, 0, 0
    for head in verify.heads(session, log.log_id):
        roots[head.tree_size] = bytes.fromhex(head.root_hash)
        yield from _of_head(log, head.tree_size, head.timestamp_ms, head.root_hash, head.signature)
    for row in verify.ranges(session, log.log_id):
        done += UnitBitmap(_span(row), row.units_done).done_entries()
        verified += row.end_index - row.start_index if row.state == VERIFIED else 0
        still_open += row.state == OPEN
        yield from _of_range(session, row, roots)
    yield from _of_counters(
        session, log, {"entries_done": done, "entries_verified": verified, "open_ranges": still_open}
    )
    yield from _of_sightings(data_dir, verify.sightings(session, log.log_id))


def _span(row: RangeRow) -> Span:
    return Span(row.start_index, row.end_index)


def _of_head(log: LogRow, tree_size: int, timestamp_ms: int, root_hash: str, signature: bytes) -> Iterator[str]:
    try:
        verify_tree_head(SignedTreeHead(tree_size, timestamp_ms, bytes.fromhex(root_hash), signature), log.key)
    except CtcollectError as error:
        yield f"the head of size {tree_size:,}: {error}"


def _of_range(session: Session, row: RangeRow, roots: dict[int, bytes]) -> Iterator[str]:
    stored = range_subtrees(session, row.log_id, _span(row))
    covered, nodes = verify.delivered(session, row)
    if covered.bits != UnitBitmap(_span(row), row.units_done).bits:
        yield f"the deliveries of {_span(row)} do not cover what is marked as done"
    if set(merge_nodes(nodes, row.end_index)) != set(stored):
        yield f"the deliveries of {_span(row)} do not give its subtrees"
    if row.state != VERIFIED:
        return
    try:
        root = subtrees_root(stored)
        if _span(row) != (0, row.verified_size):
            path = [bytes.fromhex(each) for each in row.audit_path or ()]
            root = root_from_span(root, row.start_index, row.end_index, row.verified_size or 0, path)
        if root != roots.get(row.verified_size or 0):
            yield f"{_span(row)} is marked as verified and does not lead to a signed root"
    except CtcollectError as error:
        yield f"{_span(row)} is marked as verified: {error}"


def _of_counters(session: Session, log: LogRow, spans: dict[str, int]) -> Iterator[str]:
    counted = verify.counted(session, log.log_id) | spans
    told = verify.log_counters(log) | {name: getattr(log, name) for name in spans}
    for name, number in counted.items():
        if told[name] != number:
            yield f"the counter {name} says {told[name]:,}, there are {number:,}"


def _of_sightings(data_dir: Path, sightings: Iterator[Sighted]) -> Iterator[str]:
    leaf_file = ""
    identities: dict[int, str] = {}
    for sighted in sightings:
        if sighted.leaf_file != leaf_file:
            leaf_file = sighted.leaf_file
            identities, fault = _identities(data_dir / "leaves" / leaf_file)
            if fault:
                yield f"the leaf file {leaf_file}: {fault}"
        if not identities:
            continue
        if sighted.index not in identities:
            yield f"entry {sighted.index:,} is not in the leaf file {leaf_file}"
        elif identities[sighted.index] != sighted.identity:
            yield f"entry {sighted.index:,} is another certificate in the leaf file {leaf_file}"


def _identities(path: Path) -> tuple[dict[int, str], str]:
    """(index -> the certificate's identity, "") or ({}, why the file can't be read)."""
    try:
        content = zstandard.ZstdDecompressor().decompress(path.read_bytes(), max_output_size=MAX_FILE_BYTES)
        return dict(_identity(orjson.loads(line)) for line in content.splitlines()), ""
    except FileNotFoundError:
        return {}, "is missing"
    except (OSError, ValueError, KeyError, TypeError, zstandard.ZstdError, MalformedEntry) as error:
        return {}, f"can't be read: {error}"


def _identity(line: dict[str, object]) -> tuple[int, str]:
    leaf_input, extra_data = (decode_base64(str(line[name])) for name in ("leaf_input", "extra_data"))
    index = int(str(line["index"]))
    return index, read_entry(index, leaf_input, extra_data).fields.identity
