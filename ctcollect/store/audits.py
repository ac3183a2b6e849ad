"""What the audit needs of the tables: ranges that are full, heads to hold them against, verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ctcollect.errors import NotYet
from ctcollect.models import FULL, VERIFIED, LogRow, RangeRow, TreeHeadRow
from ctcollect.protocol.merkle import subtrees_root
from ctcollect.ranges import RANGE_ENTRIES, Span
from ctcollect.store import credit
from ctcollect.store.engine import by_index, utc_now
from ctcollect.store.subtrees import range_subtrees

AUDIT_INDEX = ("state", "audit_after", "log_id", "start_index")
FIRST_RETRY_SECONDS = 5
LONGEST_RETRY_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class AuditCase:
    """A full range, its root from what was fetched, and the signed head that it must fit."""

    log_id: str
    log_name: str
    url: str
    kind: str
    queue: str
    span: Span
    span_root: bytes
    first_leaf_hash: bytes
    tree_size: int
    tree_root: bytes


def due_audits(session: Session, limit: int) -> list[tuple[str, int]]:
    """(log_id, start_index) of full ranges whose audit is due: those that are new, then those put off, oldest first.

    So a log that can't be asked, with many ranges, keeps no other's waiting.
    """
    is_full, key = RangeRow.state == FULL, (RangeRow.log_id, RangeRow.start_index)
    due: list[tuple[str, int]] = []
    for when, order in (
        (RangeRow.audit_after.is_(None), key),
        (RangeRow.audit_after <= utc_now(), (RangeRow.audit_after, *key)),
    ):
        statement = by_index(select(*key).where(is_full, when), RangeRow, *AUDIT_INDEX)
        first = session.execute(statement.order_by(*order).limit(limit - len(due)))
        due += [(log_id, start) for log_id, start in first]
    return due


def audit_case(session: Session, log_id: str, start_index: int) -> AuditCase | None:
    """None when the range is not full any more. TreeMismatch when its nodes do not cover it, NotYet without a head."""
    row = session.get(RangeRow, (log_id, start_index))
    if row is None or row.state != FULL:
        return None
    log = session.get_one(LogRow, log_id)
    span = Span(row.start_index, row.end_index)
    head = _head_for(session, log_id, span)
    return AuditCase(
        log_id=log_id,
        log_name=log.name,
        url=log.url,
        kind=log.kind,
        queue=log.queue,
        span=span,
        span_root=subtrees_root(range_subtrees(session, log_id, span)),
        first_leaf_hash=bytes.fromhex(row.first_leaf_hash or ""),
        tree_size=head.tree_size,
        tree_root=bytes.fromhex(head.root_hash),
    )


def _head_for(session: Session, log_id: str, span: Span) -> TreeHeadRow:
    """A whole range fits any head behind it, the newest is taken; one cut off by the tree's end only its own."""
    heads = select(TreeHeadRow).where(TreeHeadRow.log_id == log_id)
    if len(span) == RANGE_ENTRIES:
        newest = heads.where(TreeHeadRow.tree_size >= span.end).order_by(TreeHeadRow.tree_size.desc()).limit(1)
    else:
        newest = heads.where(TreeHeadRow.tree_size == span.end).limit(1)
    head = session.scalar(newest)
    if head is None:
        raise NotYet(f"no signed head of size {span.end} or more is stored")
    return head


def mark_verified(session: Session, case: AuditCase, path: Sequence[bytes]) -> None:
    """The range is proven by ``path``, the audit path of its first leaf; one that has changed is left alone."""
    row = session.get(RangeRow, (case.log_id, case.span.start), with_for_update=True)
    if row is None or row.state != FULL or row.end_index != case.span.end:
        return
    # While the log was asked some of it may have been discarded and brought again, by others.
    if subtrees_root(range_subtrees(session, case.log_id, case.span)) != case.span_root:
        return
    row.state, row.verified_at = VERIFIED, utc_now()
    row.verified_size, row.audit_path, row.avoid = case.tree_size, [each.hex() for each in path], None
    log = session.get_one(LogRow, case.log_id, with_for_update=True)
    log.entries_verified += len(case.span)
    credit.give(session, row)


def postpone_audit(session: Session, log_id: str, start_index: int) -> int:
    """The log could not be asked: try again later, with growing pauses. Returns how often it was tried."""
    row = session.get_one(RangeRow, (log_id, start_index), with_for_update=True)
    row.audit_attempts += 1
    pause = min(FIRST_RETRY_SECONDS * 2 ** min(row.audit_attempts - 1, 20), LONGEST_RETRY_SECONDS)
    row.audit_after = utc_now() + timedelta(seconds=pause)
    return row.audit_attempts
