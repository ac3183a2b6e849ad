"""Walks everything that is stored and says what does not agree. Asks no log: heads, proofs and leaves are all here.

First the ledger, which is a matter of seconds; then heads that no range needs, deliveries, certificates and leaf files,
which take as long as there is much of them.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import orjson
import zstandard

from ctcollect.coordinator.entries import read_entry
from ctcollect.coordinator.ledger_verifier import Heads, counter_faults, range_faults
from ctcollect.errors import MalformedEntry
from ctcollect.models import LogRow
from ctcollect.protocol.codec import decode_base64
from ctcollect.ranges import UnitBitmap
from ctcollect.store import Session, verify
from ctcollect.store import logs as log_store
from ctcollect.store.subtrees import merge_nodes
from ctcollect.store.verify import Delivered, Sighted

MAX_FILE_BYTES = 2**30
HEADS_AT_ONCE = 500
LEDGER, DELIVERIES, SIGHTINGS = "proofs of ranges", "deliveries of ranges", "entries in leaf files"
# What is gone through, how much of it is done and how much there is: called now and then.
Tell = Callable[[str, int, int], None]


def disagreements(
    session: Session, data_dir: Path, names: Sequence[str] = (), *, ledger_only: bool = False, tell: Tell | None = None
) -> Iterator[str]:
    """One line for each thing that does not agree; nothing when all is well. ``names``: logs, default all.

    ``ledger_only``: only what ranges, their proofs and the heads that they need say; counters of these.
    """
    ids = [log.log_id for log in _logs(session, names)]
    walk = _Walk(session, data_dir, tell or (lambda *_: None))
    for part in (walk.ledger,) if ledger_only else (walk.ledger, walk.deliveries, walk.sightings):
        yield from part(ids)
    if not names and not ledger_only:
        yield from _of_all(session)


def _logs(session: Session, names: Sequence[str]) -> Sequence[LogRow]:
    return [log_store.log_named(session, name) for name in names] or log_store.all_logs(session)


def _of_all(session: Session) -> Iterator[str]:
    verify.begin_anew(session)
    told, there = verify.registered(session)
    if told != there:
        yield f"the daily counts tell of {told:,} certificates, there are {there:,}"
    if orphans := verify.orphans(session):
        yield f"{orphans:,} certificates have no sighting"


class _Walk:
    """The parts of the walk, over the logs with these ids; each line begins with the log's name."""

    def __init__(self, session: Session, data_dir: Path, tell: Tell) -> None:
        self._session, self._data_dir, self._tell = session, data_dir, tell
        self._heads: dict[str, Heads] = {}
        self._ranges = 0

    def ledger(self, ids: Sequence[str]) -> Iterator[str]:
        for log_id in ids:
            log, name = self._log_now(log_id)
            self._heads[log_id] = heads = Heads(self._session, log)
            for count, lines in range_faults(self._session, log, heads):
                self._ranges += count
                yield from (f"{name}: {line}" for line in (*_taken(heads), *lines))
                self._tell(LEDGER, self._ranges, 0)

    def deliveries(self, ids: Sequence[str]) -> Iterator[str]:
        """And the heads that are still to be checked."""
        done = 0
        for log_id in ids:
            _, name = self._log_now(log_id)
            for sizes in self._heads[log_id].unchecked(HEADS_AT_ONCE):
                self._heads[log_id].roots(sizes)
                yield from (f"{name}: {line}" for line in _taken(self._heads[log_id]))
            for found in verify.delivered(self._session, log_id):
                done += len(found)
                yield from (f"{name}: {line}" for each in found for line in _of_deliveries(each))
                self._tell(DELIVERIES, done, self._ranges)

    def sightings(self, ids: Sequence[str]) -> Iterator[str]:
        in_all = sum(self._log_now(log_id)[0].sightings for log_id in ids)
        done = 0
        for log_id in ids:
            log, name = self._log_now(log_id)
            counted = verify.counted(self._session, log_id)
            yield from (f"{name}: {line}" for line in counter_faults(counted, verify.log_counters(log)))
            for line in _of_sightings(
                self._data_dir, self._told(verify.sightings(self._session, log_id), done, in_all)
            ):
                yield f"{name}: {line}"
            done += counted["sightings"]

    def _told(self, sightings: Iterator[Sighted], done: int, in_all: int) -> Iterator[Sighted]:
        for number, each in enumerate(sightings, done):
            self._tell(SIGHTINGS, number, in_all)
            yield each

    def _log_now(self, log_id: str) -> tuple[LogRow, str]:
        """(the log, its name), and from here on all is of this moment."""
        verify.begin_anew(self._session)
        log = self._session.get_one(LogRow, log_id)
        return log, log.name


def _taken(heads: Heads) -> list[str]:
    """The faults of heads that are not told yet."""
    faults, heads.faults = heads.faults, []
    return faults


def _of_deliveries(found: Delivered) -> Iterator[str]:
    span = found.range.span
    if found.covered.bits != UnitBitmap(span, found.range.units_done).bits:
        yield f"the deliveries of {span} do not cover what is marked as done"
    if set(merge_nodes(found.nodes, span.end)) != set(found.stored_nodes):
        yield f"the deliveries of {span} do not give its subtrees"


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
