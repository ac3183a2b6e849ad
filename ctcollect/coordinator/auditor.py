"""The audit: a full range is proven against the log's signed head with one proof (docs/verification.md)."""

import logging
import time
from collections.abc import Sequence

from ctcollect.client import LogReader
from ctcollect.coordinator import leaf_files
from ctcollect.coordinator.context import Context
from ctcollect.errors import BadAnswer, LogUnavailable, NotYet, OutOfTime, Throttled, TreeMismatch
from ctcollect.models import LogRow
from ctcollect.protocol.merkle import leaf_hash, root_from_audit_path, root_from_span
from ctcollect.store import audits
from ctcollect.store.audits import AuditCase
from ctcollect.store.guards import guard

logger = logging.getLogger(__name__)

RANGES_AT_ONCE = 200
GUARD_SECONDS = 300
AUDIT_SECONDS = 120


def audit(context: Context) -> int:
    """Audit the full ranges that are due; returns how many were verified. Only one audit works at a time."""
    with guard(context.store, "audit", GUARD_SECONDS) as is_ours:
        if not is_ours:
            return 0
        deadline = time.monotonic() + AUDIT_SECONDS
        with context.store.reading() as session:
            due = audits.due_audits(session, RANGES_AT_ONCE)
        return sum(audit_range(context, *each, deadline) for each in due if time.monotonic() < deadline)


def audit_range(context: Context, log_id: str, start_index: int, deadline: float = float("inf")) -> bool:
    """True when the range is verified now. One that does not fit the head is discarded and wanted again."""
    case = None
    try:
        with context.store.reading() as session:
            case = audits.audit_case(session, log_id, start_index)
            log = session.get_one(LogRow, log_id)
        if case is None:
            return False
        _prove(case, context.reader(log, deadline))
    except TreeMismatch as error:
        logger.warning("a range of %s is fetched again: %s", log_id if case is None else case.log_name, error)
        with context.store.transaction() as session:
            # Before the commit: behind it new files of the same names may come.
            leaf_files.remove(context.settings.data_dir, audits.discard_range(session, log_id, start_index))
        return False
    except (BadAnswer, LogUnavailable, NotYet, OutOfTime, Throttled):
        assert case is not None
        with context.store.transaction() as session:
            audits.postpone_audit(session, case)
        return False
    with context.store.transaction() as session:
        audits.mark_verified(session, case)
    return True


def _prove(case: AuditCase, reader: LogReader) -> None:
    """TreeMismatch when the range is not the log's; BadAnswer when the log's own proof does not hold."""
    start, end = case.span
    if case.span == (0, case.tree_size):
        if case.span_root != case.tree_root:
            raise TreeMismatch(f"{case.span} does not have the signed root")
        return
    path = _first_leaf_path(case, reader)
    if root_from_span(case.span_root, start, end, case.tree_size, path) != case.tree_root:
        raise TreeMismatch(f"{case.span} does not lead to the signed root")


def _first_leaf_path(case: AuditCase, reader: LogReader) -> Sequence[bytes]:
    """The audit path of the range's first leaf, known to be good because it leads to the signed root."""
    try:
        proof = reader.inclusion_proof(case.first_leaf_hash, case.tree_size)
    except BadAnswer:
        return _path_by_index(case, reader)
    # The same entry may stand in a log twice: then the proof by hash is that of its other place.
    if proof.leaf_index != case.span.start or not _holds(case, case.first_leaf_hash, proof.audit_path):
        return _path_by_index(case, reader)
    return proof.audit_path


def _path_by_index(case: AuditCase, reader: LogReader) -> Sequence[bytes]:
    answer = reader.entry_and_proof(case.span.start, case.tree_size)
    found = leaf_hash(answer.leaf_input)
    if not _holds(case, found, answer.audit_path):
        raise BadAnswer(f"{case.log_name} gives a proof for entry {case.span.start} that does not hold")
    if found != case.first_leaf_hash:
        raise TreeMismatch(f"entry {case.span.start} is not the one that was fetched")
    return answer.audit_path


def _holds(case: AuditCase, first_leaf_hash: bytes, path: Sequence[bytes]) -> bool:
    try:
        return root_from_audit_path(first_leaf_hash, case.span.start, case.tree_size, path) == case.tree_root
    except TreeMismatch:
        return False
