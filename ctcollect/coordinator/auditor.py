"""The audit: a full range is proven against the log's signed head with one proof (docs/verification.md)."""

import logging
import time
from collections.abc import Sequence

from ctcollect.client import LogReader
from ctcollect.coordinator import distrust
from ctcollect.coordinator.context import Context
from ctcollect.errors import BadAnswer, LogUnavailable, NotYet, OutOfTime, Throttled, TreeMismatch
from ctcollect.models import DeliveryRow, LogRow
from ctcollect.protocol.merkle import false_subtrees, leaf_hash, root_from_audit_path, root_from_span
from ctcollect.store import audits, faults
from ctcollect.store.audits import AuditCase
from ctcollect.store.deliveries import nodes_of, range_deliveries
from ctcollect.store.guards import guard

logger = logging.getLogger(__name__)

RANGES_AT_ONCE = 200
GUARD_SECONDS = 300
AUDIT_SECONDS = 120
PAUSES_SECONDS = (0.2, 0.5, 1.0)
NO_FAULT_OF_THE_LOG = (NotYet, OutOfTime)
CANNOT_BE_ASKED = (BadAnswer, LogUnavailable, NotYet, OutOfTime, Throttled)


def audit(context: Context) -> int:
    """Audit the full ranges that are due; returns how many were verified. Only one audit works at a time."""
    with guard(context.store, "audit", GUARD_SECONDS) as is_ours:
        if not is_ours:
            return 0
        distrust.undo_rest(context)
        deadline = time.monotonic() + AUDIT_SECONDS
        with context.store.reading() as session:
            due = audits.due_audits(session, RANGES_AT_ONCE)
        return sum(audit_range(context, *each, deadline) for each in due if time.monotonic() < deadline)


def audit_range(context: Context, log_id: str, start_index: int, deadline: float = float("inf")) -> bool:
    """True when the range is verified now. What of it does not fit the head is discarded and wanted again."""
    try:
        case, log = _open_case(context, log_id, start_index)
        return case is not None and _judge(context, case, context.reader(log, deadline))
    except TreeMismatch as error:
        logger.warning("%s %d has holes in its hashes and is fetched again: %s", log_id, start_index, error)
        distrust.undo(context, log_id, start_index, None)
    except CANNOT_BE_ASKED as error:
        with context.store.transaction() as session:
            audits.postpone_audit(session, log_id, start_index)
            if not isinstance(error, NO_FAULT_OF_THE_LOG):
                faults.note(session, log_id, type(error).__name__, str(error))
    return False


def _open_case(context: Context, log_id: str, start_index: int) -> tuple[AuditCase | None, LogRow]:
    with context.store.reading() as session:
        return audits.audit_case(session, log_id, start_index), session.get_one(LogRow, log_id)


def _judge(context: Context, case: AuditCase, reader: LogReader) -> bool:
    """Mark the range verified (True), or undo what of it is false. Raises when the log can't be asked."""
    try:
        path = _prove(case, reader)
    except TreeMismatch as error:
        logger.warning("a part of %s is fetched again: %s", case.log_name, error)
        distrust.undo(context, case.log_id, case.span.start, _false_deliveries(context, case, reader))
        return False
    with context.store.transaction() as session:
        audits.mark_verified(session, case, path)
    return True


def _false_deliveries(context: Context, case: AuditCase, reader: LogReader) -> list[DeliveryRow] | None:
    """The deliveries of which a node does not lead to the signed root. None: none stands out.

    A log that fails may not answer until all are found. Then those that were found by then are all; when there
    are none the error goes on, and the next audit asks in another order.
    """
    with context.store.reading() as session:
        brought_by = {
            node: each for each in range_deliveries(session, case.log_id, case.span.start) for node in nodes_of(each)
        }
    false: dict[int, DeliveryRow] = {}
    try:
        # One by one: what was found stays when the log then gives up.
        for node in false_subtrees(
            list(brought_by), case.tree_size, lambda index: _proof_by_index(case, index, reader)
        ):
            false[brought_by[node].start_index] = brought_by[node]
    except CANNOT_BE_ASKED:
        if not false:
            raise
    return list(false.values()) or None


def _prove(case: AuditCase, reader: LogReader) -> Sequence[bytes]:
    """The audit path that proves the range; none is needed for a whole tree.

    TreeMismatch when the range is not the log's; BadAnswer when the log's own proof does not hold.
    """
    start, end = case.span
    if case.span == (0, case.tree_size):
        if case.span_root != case.tree_root:
            raise TreeMismatch(f"{case.span} does not have the signed root")
        return ()
    path = _first_leaf_path(case, reader)
    if root_from_span(case.span_root, start, end, case.tree_size, path) != case.tree_root:
        raise TreeMismatch(f"{case.span} does not lead to the signed root")
    return path


def _first_leaf_path(case: AuditCase, reader: LogReader) -> Sequence[bytes]:
    """The audit path of the range's first leaf, known to be good because it leads to the signed root.

    What a friend says is the first leaf's hash only serves to ask for it: the range's root decides.
    """
    # The same entry may stand in a log twice: then the proof by hash is that of its other place.
    try:
        path = reader.audit_path(case.span.start, case.first_leaf_hash, case.tree_size)
    except BadAnswer:
        return _proof_by_index(case, case.span.start, reader)[1]
    if not _holds(case, case.first_leaf_hash, case.span.start, path):
        return _proof_by_index(case, case.span.start, reader)[1]
    return path


def _proof_by_index(case: AuditCase, index: int, reader: LogReader) -> tuple[bytes, Sequence[bytes]]:
    """An entry's leaf hash and audit path, which lead to the signed root. BadAnswer when the log has none that do.

    Asked for again after a bad moment of the log: a search that has come far must not begin anew for that.
    """
    for pause_seconds in PAUSES_SECONDS:
        try:
            return _ask_for_proof(case, index, reader)
        except CANNOT_BE_ASKED:
            time.sleep(pause_seconds)
    return _ask_for_proof(case, index, reader)


def _ask_for_proof(case: AuditCase, index: int, reader: LogReader) -> tuple[bytes, Sequence[bytes]]:
    answer = reader.entry_and_proof(index, case.tree_size)
    leaf = leaf_hash(answer.leaf_input)
    if not _holds(case, leaf, index, answer.audit_path):
        raise BadAnswer(f"{case.log_name} gives a proof for entry {index} that does not hold")
    return leaf, answer.audit_path


def _holds(case: AuditCase, leaf: bytes, index: int, path: Sequence[bytes]) -> bool:
    try:
        return root_from_audit_path(leaf, index, case.tree_size, path) == case.tree_root
    except TreeMismatch:
        return False
