"""The planner: heads that are signed and consistent, windows of what is wanted, ranges in the ledger."""

import logging
import re
from dataclasses import dataclass

from ctcollect.coordinator.context import Context
from ctcollect.coordinator.final_heads import check_final_head, collectable_size
from ctcollect.errors import BadAnswer, ConfigurationError, CtcollectError, LogUnavailable, TreeMismatch
from ctcollect.models import LogRow
from ctcollect.protocol.merkle import verify_consistency
from ctcollect.protocol.rfc6962 import SignedTreeHead
from ctcollect.protocol.signatures import verify_tree_head
from ctcollect.ranges import Span
from ctcollect.store import Session, ledger
from ctcollect.store import logs as log_store

logger = logging.getLogger(__name__)

UNREACHABLE = (LogUnavailable, BadAnswer)
INDICES = re.compile(r"(\d+):(\d+)")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a call of plan() made wanted: the window as asked for and as rounded outward to ranges."""

    log_name: str
    asked: Span
    wanted: Span
    tree_size: int


def fetch_head(context: Context, log: LogRow) -> SignedTreeHead:
    """The log's present head, its signature checked and consistent with the newest that is stored.

    A head whose signature or consistency fails is never stored: BadSignature and TreeMismatch say so, and the
    log keeps the head that it had. So it does when a front end that lags gives an older one: that is told, but the
    log need not rest for it. A log that is readonly must have the root of its final tree head (TreeMismatch).
    """
    reader = context.reader(log)
    head = reader.tree_head()
    verify_tree_head(head, log.key)
    if 0 < log.tree_size < head.tree_size and log.root_hash:
        proof = reader.consistency_proof(log.tree_size, head.tree_size)
        verify_consistency(log.tree_size, head.tree_size, bytes.fromhex(log.root_hash), head.root_hash, proof)
    elif head.tree_size == log.tree_size and log.root_hash and head.root_hash.hex() != log.root_hash:
        raise TreeMismatch(f"{log.name} signed two roots for one size of {head.tree_size:,} entries")
    oddity = check_final_head(reader, log, head)
    if head.tree_size < log.tree_size:
        oddity = f"gave a head of {head.tree_size:,} entries, behind the {log.tree_size:,} that are verified"
    with context.store.transaction() as session:
        log_store.put_head(session, log.log_id, head)
        log_store.mark_reachable(session, log.log_id)
        if oddity:
            _tell(session, log, oddity)
    return head


def _tell(session: Session, log: LogRow, oddity: str) -> None:
    logger.warning("%s %s", log.name, oddity)
    log_store.note_fault(session, log.log_id, oddity)


def plan(context: Context, name: str, window: str) -> Plan:
    """Make the ranges that cover ``window`` ("full" or START:END) of a log wanted."""
    with context.store.reading() as session:
        log = log_store.log_named(session, name)
    if not log.enabled:
        raise ConfigurationError(f"{name} is disabled: 'ctcollect logs enable {name}' first")
    try:
        fetch_head(context, log)
    except CtcollectError as error:
        note_failure(context, log, error)
        raise
    with context.store.transaction() as session:
        log = log_store.log_named(session, name)
        asked = parse_window(window, collectable_size(log))
        wanted = ledger.want(session, log, asked, log.tree_size)
        return Plan(log.name, asked, wanted, log.tree_size)


def parse_window(text: str, tree_size: int) -> Span:
    """ConfigurationError unless the text names a span inside a tree of ``tree_size``."""
    if tree_size == 0:
        raise ConfigurationError("the log is empty: there is nothing to collect yet")
    if text == "full":
        return Span(0, tree_size)
    indices = INDICES.fullmatch(text)
    if indices is None:
        raise ConfigurationError(f"{text!r} is no window: give 'full' or START:END, entries START up to but not END")
    span = Span(int(indices[1]), int(indices[2]))
    if not span.start < span.end <= tree_size:
        raise ConfigurationError(f"the window {span} is not inside the log, which holds {Span(0, tree_size)}")
    return span


def refresh_heads(context: Context) -> dict[str, str]:
    """Ask every log with open work for its head. Returns the faults by name of log; one fault stops no other log."""
    with context.store.reading() as session:
        logs = ledger.logs_with_open_work(session)
    faults = {}
    for log in logs:
        try:
            fetch_head(context, log)
        except CtcollectError as error:
            faults[log.name] = str(error)
            note_failure(context, log, error)
    return faults


def note_failure(context: Context, log: LogRow, error: CtcollectError) -> bool:
    """Let a log rest that gave no head to believe. True when it has just become unobtainable.

    A host that answers, but with no head, such as the page of what it serves now, has no log to reach.
    """
    with context.store.transaction() as session:
        log_store.rest_log(session, log.log_id, str(error), unreachable=isinstance(error, UNREACHABLE))
        return log_store.judge_unobtainable(session, log.log_id, context.settings.unobtainable_after_seconds)
