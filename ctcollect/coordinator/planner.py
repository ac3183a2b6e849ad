"""The planner: heads that are signed and consistent, windows of what is wanted, ranges in the ledger."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ctcollect.coordinator import windows
from ctcollect.coordinator.context import Context
from ctcollect.coordinator.final_heads import check_final_head
from ctcollect.coordinator.windows import Found
from ctcollect.errors import BadAnswer, BadSignature, ConfigurationError, CtcollectError, LogUnavailable, TreeMismatch
from ctcollect.models import LogRow
from ctcollect.protocol.merkle import verify_consistency
from ctcollect.protocol.rfc6962 import SignedTreeHead
from ctcollect.protocol.signatures import verify_tree_head
from ctcollect.ranges import Span, join_spans, subtract_spans
from ctcollect.store import Session, faults, incidents, ledger
from ctcollect.store import logs as log_store
from ctcollect.store import windows as window_store
from ctcollect.window import Window, parse_window

logger = logging.getLogger(__name__)

UNREACHABLE = (LogUnavailable, BadAnswer)
NOT_TO_BELIEVE = (BadSignature, TreeMismatch)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a call of plan() made wanted: what was found of the window, and that rounded outward to ranges.

    ``grows`` says whether the window, or a part of it, is extended with the log.
    """

    log_name: str
    found: Found
    wanted: tuple[Span, ...]
    tree_size: int
    grows: bool

    @property
    def entries(self) -> int:
        """How many entries are in ``wanted``."""
        return sum(map(len, self.wanted))


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
        if head.tree_size < log.tree_size:
            incidents.note_incident(session, incidents.HEAD_STEPPED_BACK, log.name)
    return head


def _tell(session: Session, log: LogRow, oddity: str) -> None:
    logger.warning("%s %s", log.name, oddity)
    faults.note(session, log.log_id, faults.ODD_HEAD, oddity)
    log_store.note_fault(session, log.log_id, oddity)


def plan(context: Context, name: str, text: str, *, follow: bool | None = None, now: datetime | None = None) -> Plan:
    """Make the ranges that cover a window (see ``parse_window``) of a log wanted.

    ``follow``: True lets the window grow with the log, False lets none of the log's windows grow any more, None
    lets a period grow that is not over yet.
    """
    window, now = parse_window(text), now or datetime.now(UTC)
    with context.store.reading() as session:
        log = log_store.log_named(session, name)
    if not log.enabled:
        raise ConfigurationError(f"{name} is disabled: 'ctcollect logs enable {name}' first")
    windows.check(log, window, grows=True, now=now)
    try:
        fetch_head(context, log)
    except CtcollectError as error:
        note_failure(context, log, error)
        raise
    with context.store.reading() as session:
        log = log_store.log_named(session, name)
    windows.check(log, window, grows=bool(follow) and windows.grows(log), now=now)
    found = windows.find(context, log, window)
    growing = _growing(log, window, found, follow, now)
    if not found.spans and not growing:
        raise ConfigurationError(windows.nothing_found(log, window, found))
    with context.store.transaction() as session:
        if follow is False:
            window_store.unfollow(session, log.log_id, window_store.followed(session, log.log_id))
        window_store.follow(session, log.log_id, growing)
        wanted = [ledger.want(session, log, span, log.tree_size) for span in found.spans]
    return Plan(log.name, found, tuple(join_spans(wanted)), log.tree_size, bool(growing))


def _growing(log: LogRow, window: Window, found: Found, follow: bool | None, now: datetime) -> Sequence[str]:
    """Which windows are to grow with the log."""
    if follow:
        return [] if windows.is_final(log, window) else [window.text]
    # A log that stood still before a period, which is over, will hardly hold it.
    is_missed = not found.spans and window.period is not None and window.period.end <= now
    return found.open_windows if follow is None and not is_missed else []


def grow_windows(context: Context, log_id: str) -> None:
    """Extend the windows of a log that grow with it as far as its head is now; forget those that are over."""
    with context.store.reading() as session:
        log = session.get_one(LogRow, log_id)
        followed = [parse_window(text) for text in window_store.followed(session, log_id)]
    if not followed or log.tree_size == 0:
        return
    found = join_spans(span for window in followed for span in windows.find(context, log, window).spans)
    with context.store.transaction() as session:
        wanted = ledger.windows(session, log_id)
        for new in (piece for span in found for piece in subtract_spans(span, wanted)):
            ledger.want(session, log, new, log.tree_size)
        window_store.unfollow(session, log_id, [each.text for each in followed if windows.is_final(log, each)])


def refresh_heads(context: Context) -> dict[str, str]:
    """Ask every log with open work for its head. Returns the faults by name of log; one fault stops no other log."""
    with context.store.reading() as session:
        logs = ledger.logs_with_open_work(session)
    failures = {}
    for log in logs:
        try:
            fetch_head(context, log)
            grow_windows(context, log.log_id)
        except CtcollectError as error:
            failures[log.name] = str(error)
            note_failure(context, log, error)
    return failures


def note_failure(context: Context, log: LogRow, error: CtcollectError) -> bool:
    """Let a log rest that gave no head to believe. True when it has just become unobtainable.

    A host that answers, but with no head, such as the page of what it serves now, has no log to reach.
    """
    with context.store.transaction() as session:
        if isinstance(error, NOT_TO_BELIEVE):
            incidents.note_incident(session, incidents.HEAD_REFUSED, log.name)
        faults.note(session, log.log_id, type(error).__name__, str(error))
        log_store.rest_log(session, log.log_id, str(error), unreachable=isinstance(error, UNREACHABLE))
        return log_store.judge_unobtainable(session, log.log_id, context.settings.unobtainable_after_seconds)
