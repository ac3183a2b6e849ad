"""The ledger: windows and ranges (what is wanted and done), leases (what is out)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from ctcollect.catalogue import work_order
from ctcollect.models import OPEN, VERIFIED, FollowedWindowRow, LeaseRow, LogRow, RangeRow, WindowRow
from ctcollect.ranges import (
    RANGE_ENTRIES,
    UNIT_ENTRIES,
    Span,
    UnitBitmap,
    join_spans,
    range_at,
    split_ranges,
    split_subranges,
    subtract_spans,
)
from ctcollect.store import credit
from ctcollect.store.archive_holders import holders
from ctcollect.store.deliveries import drop_short_delivery
from ctcollect.store.discard import discard_entries
from ctcollect.store.engine import by_index, utc_now
from ctcollect.store.subtrees import drop_short_subtree

RANGES_AT_ONCE = 64
LEASES_AT_ONCE = 1000
# Of the ranges of a log in a state, those that are not out, in their order.
ISSUE_INDEX = ("state", "log_id", "issued_until", "start_index")
# When a log has lied to every good friend, the only one left to do a range may be one who never will.
OPEN_TO_ALL_EVERY = 4


@dataclass(frozen=True, slots=True)
class Issue:
    """A sub-range that the feeder puts into a queue."""

    log: LogRow
    span: Span
    avoid: tuple[str, ...] = ()


def windows(session: Session, log_id: str) -> list[Span]:
    """The wanted spans of a log, in order."""
    rows = session.scalars(select(WindowRow).where(WindowRow.log_id == log_id).order_by(WindowRow.start_index))
    return [Span(row.start_index, row.end_index) for row in rows]


def want(session: Session, log: LogRow, window: Span, tree_size: int) -> Span:
    """Add the ranges that cover ``window`` of a tree of ``tree_size``. Planning the same again changes nothing.

    Returns the window rounded outward to ranges.
    """
    spans = list(split_ranges(window, tree_size))
    rounded = Span(spans[0].start, spans[-1].end)
    _grow_short_ranges(session, log.log_id, rounded, tree_size)
    _join_window(session, log.log_id, rounded)
    _add_ranges(session, log.log_id, rounded, spans)
    return rounded


def _add_ranges(session: Session, log_id: str, window: Span, spans: Iterable[Span]) -> None:
    """Those of ``spans`` that are not there yet. The log's row is locked: nobody else adds any meanwhile.

    Plain rows go out many in a statement; with a word on existing ones MySQL gets them one by one.
    """
    inside = (RangeRow.log_id == log_id, RangeRow.start_index >= window.start, RangeRow.start_index < window.end)
    known = set(session.scalars(select(RangeRow.start_index).where(*inside)))
    new = {"log_id": log_id, "state": OPEN, "units_done": b"", "attempts": 0, "audit_attempts": 0}
    rows = [new | {"start_index": span.start, "end_index": span.end} for span in spans if span.start not in known]
    if rows:
        session.execute(insert(RangeRow), rows)
        session.get_one(LogRow, log_id).open_ranges += len(rows)


def _grow_short_ranges(session: Session, log_id: str, window: Span, tree_size: int) -> None:
    """Ranges that the tree's end cut off, and behind which it has grown since."""
    key = (RangeRow.log_id == log_id, RangeRow.start_index >= window.start, RangeRow.start_index < window.end)
    short = select(RangeRow).where(*key, RangeRow.end_index < RangeRow.start_index + RANGE_ENTRIES)
    for row in session.scalars(short.with_for_update()).all():
        span = range_at(row.start_index, tree_size)
        if row.end_index < span.end:
            log = session.get_one(LogRow, log_id, with_for_update=True)
            _reopen_short_unit(session, log, row)
            log.open_ranges += row.state != OPEN
            row.end_index, row.state, row.issued_until = span.end, OPEN, None
            row.verified_at, row.verified_size, row.audit_path = None, None, None


def _reopen_short_unit(session: Session, log: LogRow, row: RangeRow) -> None:
    """The last, short unit of a range that grows is wanted again, whole."""
    span = Span(row.start_index, row.end_index)
    bitmap = UnitBitmap(span, row.units_done)
    done = bitmap.done_entries()
    bitmap.drop_short_unit()
    row.units_done = bitmap.to_bytes()
    log.entries_done -= done - bitmap.done_entries()
    short = Span(span.end - span.end % UNIT_ENTRIES, span.end)
    if row.state == VERIFIED:
        log.entries_verified -= len(span)
        credit.take_back(session, row)
        drop_short_delivery(session, row)
    else:
        drop_short_delivery(session, row)
        # The hashes that could prove these entries false go away, so the entries may not stay.
        discard_entries(session, log, short)
    drop_short_subtree(session, log.log_id, span.end)
    # An order that ends inside the unit can't be filled any more.
    cut_off = (LeaseRow.log_id == log.log_id, LeaseRow.end_index == short.end, LeaseRow.end_index != short.start)
    session.execute(delete(LeaseRow).where(*cut_off))


def _join_window(session: Session, log_id: str, window: Span) -> None:
    session.get_one(LogRow, log_id, with_for_update=True)  # a person and beat may plan at the same time
    spans = join_spans([*windows(session, log_id), window])
    session.execute(delete(WindowRow).where(WindowRow.log_id == log_id))
    session.add_all(WindowRow(log_id=log_id, start_index=span.start, end_index=span.end) for span in spans)


def logs_with_open_work(session: Session) -> Sequence[LogRow]:
    """Enabled logs of which something is wanted, or will be when they have grown, and that do not rest."""
    wanted = LogRow.log_id.in_(select(WindowRow.log_id).union(select(FollowedWindowRow.log_id)))
    is_rested = or_(LogRow.rest_until.is_(None), LogRow.rest_until <= utc_now())
    return session.scalars(select(LogRow).where(LogRow.enabled, wanted, is_rested)).all()


def issue(session: Session, queue: str, count: int, lease_seconds: float) -> list[Issue]:
    """Lease up to ``count`` sub-ranges of open ranges of a queue; logs that may vanish first come first."""
    now = utc_now()
    until = now + timedelta(seconds=lease_seconds)
    issues: list[Issue] = []
    for row, log in _open_ranges(session, queue, now):
        spans = _missing_subranges(session, row, log.subrange_entries)
        chosen = spans[: count - len(issues)]
        avoid = row.avoid if (row.attempts + 1) % OPEN_TO_ALL_EVERY else None
        issues.extend(Issue(log, span, tuple(avoid or ())) for span in chosen)
        session.add_all(_lease(row, queue, span, now, until) for span in chosen)
        if chosen:
            row.attempts += 1
        if len(chosen) == len(spans):
            row.issued_until = until
        if len(issues) >= count:
            break
    return issues


def _open_ranges(session: Session, queue: str, now: datetime) -> Iterator[tuple[RangeRow, LogRow]]:
    """Open ranges that are not out and that somebody can read, log by log in the order of work.

    At most RANGES_AT_ONCE of each log.
    """
    readers = holders(session, queue)
    for log in _logs_at_work(session, queue, now):
        rows = _ranges_not_out(session, log.log_id, now, readers.readable(log))
        yield from ((row, log) for row in rows)


def _ranges_not_out(
    session: Session, log_id: str, now: datetime, is_readable: ColumnElement[bool]
) -> Sequence[RangeRow]:
    """The first of a log that were not issued, or should have come back by now: each kind stands together in an index.

    Asked for both at once, or in another order than the index has, the database would gather every open range.
    """
    found: list[RangeRow] = []
    for not_out, order in (
        (RangeRow.issued_until.is_(None), (RangeRow.start_index,)),
        (RangeRow.issued_until <= now, (RangeRow.issued_until, RangeRow.start_index)),
    ):
        of_log = select(RangeRow).where(RangeRow.state == OPEN, RangeRow.log_id == log_id, not_out, is_readable)
        found += session.scalars(by_index(of_log, RangeRow, *ISSUE_INDEX).order_by(*order).limit(RANGES_AT_ONCE))
    return sorted(found, key=lambda row: row.start_index)[:RANGES_AT_ONCE]


def _logs_at_work(session: Session, queue: str, now: datetime) -> list[LogRow]:
    """The logs of a queue that may be asked, in the order of work."""
    statement = (
        select(LogRow)
        .where(LogRow.queue == queue, LogRow.enabled, ~LogRow.paused)
        .where(or_(LogRow.rest_until.is_(None), LogRow.rest_until <= now))
    )
    return sorted(session.scalars(statement), key=lambda log: (*work_order(log, now), log.name))


def _missing_subranges(session: Session, row: RangeRow, subrange_entries: int) -> list[Span]:
    """What of a range is neither done nor out, cut into sub-ranges."""
    out = [Span(lease.start_index, lease.end_index) for lease in range_leases(session, row)]
    missing = UnitBitmap(Span(row.start_index, row.end_index), row.units_done).missing()
    left = [piece for span in missing for piece in subtract_spans(span, out)]
    return [subrange for span in left for subrange in split_subranges(span, subrange_entries)]


def range_leases(session: Session, row: RangeRow) -> Sequence[LeaseRow]:
    """The leases inside a range, in order."""
    where = (LeaseRow.log_id == row.log_id, LeaseRow.start_index >= row.start_index)
    statement = select(LeaseRow).where(*where, LeaseRow.start_index < row.start_index + RANGE_ENTRIES)
    return session.scalars(statement.order_by(LeaseRow.start_index)).all()


def _lease(row: RangeRow, queue: str, span: Span, now: datetime, until: datetime) -> LeaseRow:
    return LeaseRow(
        log_id=row.log_id,
        start_index=span.start,
        end_index=span.end,
        range_start=row.start_index,
        queue=queue,
        issued_at=now,
        issued_until=until,
    )


def expired_leases(session: Session, queue: str) -> list[tuple[str, Span]]:
    """Leases of a queue that have run out, as (log_id, span)."""
    columns = select(LeaseRow.log_id, LeaseRow.start_index, LeaseRow.end_index)
    rows = session.execute(columns.where(LeaseRow.queue == queue, LeaseRow.issued_until <= utc_now()))
    return [(log_id, Span(start, end)) for log_id, start, end in rows]


def renew_leases(session: Session, leases: Iterable[tuple[str, Span]], lease_seconds: float) -> None:
    """These sub-ranges are still on their way: wait for them again."""
    until = utc_now() + timedelta(seconds=lease_seconds)
    for ranges, out in _still_out(session, leases):
        session.execute(update(LeaseRow).where(*out).values(issued_until=until))
        for row in ranges:
            # Of one without, something else can be issued.
            row.issued_until = until if row.issued_until else None


def end_leases(session: Session, leases: Iterable[tuple[str, Span]]) -> None:
    """Take leases back: what they covered and is not done can be issued again at once."""
    for ranges, out in _still_out(session, leases):
        session.execute(delete(LeaseRow).where(*out))
        for row in ranges:
            row.issued_until = None


def _still_out(
    session: Session, leases: Iterable[tuple[str, Span]]
) -> Iterator[tuple[Sequence[RangeRow], tuple[ColumnElement[bool], ...]]]:
    """Those of these sub-ranges that are out, some of a log at a time: their ranges, locked, and which leases they are.

    The locks come first, as the recorder takes them: else a lease that it ends just now would still be seen here.
    """
    for log_id, group in groupby(sorted(leases), key=itemgetter(0)):
        spans = [span for _, span in group]
        for some in (spans[at : at + LEASES_AT_ONCE] for at in range(0, len(spans), LEASES_AT_ONCE)):
            ranges = _locked_ranges(session, log_id, some)
            is_one = (LeaseRow.log_id == log_id, LeaseRow.start_index.in_([span.start for span in some]))
            known = session.execute(select(LeaseRow.start_index, LeaseRow.end_index).where(*is_one))
            # Another sub-range that begins there may be out.
            out = {Span(start, end) for start, end in known} & set(some)
            touched = {range_at(span.start, span.end).start for span in out}
            is_out = (LeaseRow.log_id == log_id, LeaseRow.start_index.in_([span.start for span in out]))
            yield [row for row in ranges if row.start_index in touched], is_out


def _locked_ranges(session: Session, log_id: str, spans: Iterable[Span]) -> Sequence[RangeRow]:
    """The ranges in which these spans lie, as they are now."""
    starts = {range_at(span.start, span.end).start for span in spans}
    rows = select(RangeRow).where(RangeRow.log_id == log_id, RangeRow.start_index.in_(starts))
    locked = rows.order_by(RangeRow.start_index).with_for_update().execution_options(populate_existing=True)
    return session.scalars(locked).all()


def queues_of(session: Session, log_ids: Iterable[str]) -> set[str]:
    """The queues by which orders of these logs go."""
    return set(session.scalars(select(LogRow.queue).where(LogRow.log_id.in_(list(log_ids)))))


def range_states(session: Session) -> dict[str, int]:
    """How many ranges are open, full and verified."""
    rows = session.execute(select(RangeRow.state, func.count()).group_by(RangeRow.state))
    return {state: int(count) for state, count in rows}


def avoid(session: Session, log_id: str, index: int, friend: str) -> None:
    """What is issued again of the range that holds ``index`` is not for this friend."""
    row = session.get(RangeRow, (log_id, index - index % RANGE_ENTRIES))
    if row is not None:
        row.avoid = sorted({*(row.avoid or []), friend})
