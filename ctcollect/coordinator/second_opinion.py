"""A second opinion: another friend has read the same span; where the two differ the log itself is asked."""

import logging
import time
from dataclasses import dataclass

from ctcollect.client import LogReader
from ctcollect.coordinator import distrust
from ctcollect.coordinator.context import Context
from ctcollect.coordinator.entries import is_wanted
from ctcollect.errors import BadAnswer, HarvestRefused, LogUnavailable, NotYet, OutOfTime, Throttled, TreeMismatch
from ctcollect.harvest import Harvest, friend_of
from ctcollect.models import LogRow
from ctcollect.protocol.merkle import leaf_hash, verify_inclusion
from ctcollect.ranges import Span
from ctcollect.store import faults, second_opinions
from ctcollect.store.second_opinions import AGREED, DISAGREED, PENDING, WANTED

logger = logging.getLogger(__name__)

ASK_SECONDS = 60
# One true difference is enough to judge by; who invents many may not make us ask the log for each.
ASKED_AT_MOST = 16


@dataclass(frozen=True, slots=True)
class Finding:
    """What the log says of the entries of a span that only one of two friends has brought."""

    kept_back_by_first: int | None = None
    kept_back_by_second: int | None = None
    is_invented_by_second: bool = False
    is_whole: bool = True

    @property
    def verdict(self) -> str:
        """As note_answer() takes it: a second friend who is wrong says nothing about the first."""
        if self.kept_back_by_first is not None:
            return DISAGREED
        return WANTED if self.kept_back_by_second is not None or not self.is_whole else AGREED


def compare(context: Context, log: LogRow, harvest: Harvest, worker: str) -> bool:
    """Compare a piece of a check with what is stored. HarvestRefused when nobody asked this friend for it.

    Who kept a .jp entry back is condemned: the log's own proof decides, not one friend's word against another's.
    A log that can't be asked now leaves the check open; it is issued again when its lease has run out.
    Returns False when the check was settled before.
    """
    order, friend = Span(harvest.order_start, harvest.order_end), friend_of(worker)
    with context.store.reading() as session:
        row = second_opinions.check_of(session, log.log_id, order)
        # The first friend may hand back an order that it must not do, and nothing else.
        if row is None or (row.first_friend == friend and len(harvest.span)):
            raise HarvestRefused(f"nobody asked {friend} to check {order}")
        if row.state not in PENDING:
            return False
        stored = second_opinions.known_indices(session, log.log_id, harvest.span)
    try:
        finding = _differences(context, log, stored, _brought(harvest))
    except (BadAnswer, LogUnavailable, NotYet, OutOfTime, Throttled, TreeMismatch) as error:
        logger.warning("a second opinion on %s waits: %s", log.name, error)
        if not isinstance(error, (NotYet, OutOfTime)):
            with context.store.transaction() as session:
                faults.note(session, log.log_id, type(error).__name__, str(error))
        return True
    with context.store.transaction() as session:
        second_opinions.note_answer(session, log.log_id, order, harvest, friend, finding.verdict)
    _draw_conclusions(context, log, finding, row.first_friend, worker)
    return True


def _brought(harvest: Harvest) -> set[int]:
    return {entry.index for entry in harvest.entries if is_wanted(entry.leaf_input)}


def _draw_conclusions(context: Context, log: LogRow, finding: Finding, first: str, worker: str) -> None:
    guilty = {first: finding.kept_back_by_first, friend_of(worker): finding.kept_back_by_second}
    for friend, index in guilty.items():
        if index is not None:
            distrust.condemn(context, friend, f"kept back entry {index} of {log.name}")
    if finding.is_invented_by_second:
        distrust.blame(context, worker)


def _differences(context: Context, log: LogRow, stored: set[int], brought: set[int]) -> Finding:
    """Ask the log for the entries in which the two differ, until one of them is one that must be stored."""
    differing = sorted(stored ^ brought)
    reader = context.reader(log, time.monotonic() + ASK_SECONDS)
    is_invented = False
    for index in differing[:ASKED_AT_MOST]:
        if _must_be_stored(log, index, reader):
            is_first = index not in stored
            return Finding(index if is_first else None, None if is_first else index, is_invented)
        is_invented = is_invented or index in brought
    return Finding(is_invented_by_second=is_invented, is_whole=len(differing) <= ASKED_AT_MOST)


def _must_be_stored(log: LogRow, index: int, reader: LogReader) -> bool:
    """By the log's own answer, proven against its signed head."""
    answer = reader.entry_and_proof(index, log.tree_size)
    root = bytes.fromhex(log.root_hash or "")
    verify_inclusion(leaf_hash(answer.leaf_input), index, log.tree_size, answer.audit_path, root)
    return is_wanted(answer.leaf_input)
