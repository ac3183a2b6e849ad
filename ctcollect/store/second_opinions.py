"""Second opinions: a share of what is delivered is read by another friend as well, and compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, true
from sqlalchemy.orm import Session

from ctcollect.harvest import Harvest
from ctcollect.models import LogRow, MalformedRow, SecondOpinionRow, SightingRow
from ctcollect.ranges import Span
from ctcollect.store.archive_holders import Holders, holders, in_one_hand
from ctcollect.store.engine import by_index, utc_now
from ctcollect.store.reading import Reading

WANTED, OUT, AGREED, DISAGREED = "wanted", "out", "agreed", "disagreed"
PENDING = (WANTED, OUT)
AGE_INDEX = ("queue", "state", "asked_at", "start_index")
BY_AGE = (SecondOpinionRow.asked_at, SecondOpinionRow.start_index)


@dataclass(frozen=True, slots=True)
class Check:
    """A second opinion to ask for: ``span`` of ``log``, what is not checked yet, by anybody but ``first_friend``."""

    log: LogRow
    span: Span
    first_friend: str


def ask_for_checks(session: Session, reading: Reading, queue: str, range_start: int, spans: Sequence[Span]) -> None:
    """The spans that were just delivered are to be read by another friend as well."""
    for span in spans:
        session.merge(
            SecondOpinionRow(
                log_id=reading.harvest.log_id,
                start_index=span.start,
                end_index=span.end,
                range_start=range_start,
                queue=queue,
                first_friend=reading.friend,
                second_friend=None,
                state=WANTED,
                checked_until=span.start,
                issued_until=None,
                asked_at=utc_now(),
                answered_at=None,
            )
        )


def issue_checks(session: Session, queue: str, count: int, lease_seconds: float) -> list[Check]:
    """Up to ``count`` pending checks that another friend than the first can do now, the oldest first."""
    readers, now = holders(session, queue), utc_now()
    checks = []
    for row, log in _pending(session, queue, readers, now, count):
        if not readers.able(log, row.start_index) - {row.first_friend}:
            continue
        row.state, row.issued_until = OUT, now + timedelta(seconds=lease_seconds)
        checks.append(Check(log, Span(row.checked_until, row.end_index), row.first_friend))
    return checks


def _pending(
    session: Session, queue: str, readers: Holders, now: datetime, count: int
) -> list[tuple[SecondOpinionRow, LogRow]]:
    """The oldest ``count`` that are not out, of logs that may be asked, and that somebody else may do.

    Nobody can check himself: what an only friend has brought, which may be very much, would stand in the way.
    """
    friends = readers.by_friend.keys()
    if not friends or (len(friends) == 1 and not _is_pending_of_others(session, queue, *friends)):
        return []
    logs = {log.log_id: log for log in session.scalars(_may_be_asked(now))}
    able = logs.keys() - in_one_hand(session, readers)
    not_out = or_(SecondOpinionRow.issued_until.is_(None), SecondOpinionRow.issued_until <= now)
    of_others = SecondOpinionRow.first_friend.not_in(friends) if len(friends) == 1 else true()
    found: list[SecondOpinionRow] = []
    for state in PENDING:
        waiting = (SecondOpinionRow.queue == queue, SecondOpinionRow.state == state, not_out, of_others)
        statement = select(SecondOpinionRow).where(*waiting, SecondOpinionRow.log_id.in_(able))
        first = by_index(statement, SecondOpinionRow, *AGE_INDEX).order_by(*BY_AGE).limit(count)
        found += session.scalars(first)
    oldest = sorted(found, key=lambda row: (row.asked_at, row.start_index))[:count]
    return [(row, logs[row.log_id]) for row in oldest]


def _may_be_asked(now: datetime) -> Select[LogRow]:
    is_rested = or_(LogRow.rest_until.is_(None), LogRow.rest_until <= now)
    return select(LogRow).where(LogRow.enabled, ~LogRow.paused, is_rested)


def _is_pending_of_others(session: Session, queue: str, friend: str) -> bool:
    """One look into the index for each state, to either side of the friend."""
    first = SecondOpinionRow.first_friend
    looks = (
        select(first).where(SecondOpinionRow.queue == queue, SecondOpinionRow.state == state, other).limit(1)
        for state in PENDING
        for other in (first < friend, first > friend)
    )
    return any(session.scalar(look) is not None for look in looks)


def take_back_checks(session: Session, spans: Iterable[tuple[str, Span]]) -> None:
    """These checks did not go out, or nothing came of them: they are wanted at once."""
    for log_id, span in spans:
        row = check_of(session, log_id, span)
        if row is not None and row.state == OUT:
            _want_again(row)


def _want_again(row: SecondOpinionRow) -> None:
    row.state, row.issued_until = WANTED, None


def check_of(session: Session, log_id: str, span: Span) -> SecondOpinionRow | None:
    """The second opinion to which ``span`` is the rest or the whole, pending or settled, locked; None: nobody asked."""
    statement = (
        select(SecondOpinionRow)
        .where(SecondOpinionRow.log_id == log_id, SecondOpinionRow.start_index <= span.start)
        .order_by(SecondOpinionRow.start_index.desc())
        .limit(1)
        .with_for_update()
    )
    row = session.scalar(statement)
    return row if row is not None and row.end_index == span.end else None


def note_answer(session: Session, log_id: str, order: Span, harvest: Harvest, friend: str, verdict: str) -> None:
    """A piece of a check was compared, with this verdict: AGREED, DISAGREED, or WANTED for one that says nothing.

    A difference settles the check at once, agreement when it reaches the end of the span. Pieces may come twice
    and from several friends. A check that ends early is wanted again.
    """
    row = check_of(session, log_id, order)
    if row is None or row.state not in PENDING:
        return
    if verdict == AGREED and harvest.start <= row.checked_until:
        row.checked_until = max(row.checked_until, harvest.end)
    if verdict == DISAGREED or row.checked_until == order.end:
        row.state, row.second_friend, row.answered_at = verdict, friend, utc_now()
    elif verdict == WANTED or harvest.last:
        _want_again(row)


def known_indices(session: Session, log_id: str, span: Span) -> set[int]:
    """The entries of a span that are stored as sightings or as malformed."""
    found: set[int] = set()
    for table in (SightingRow, MalformedRow):
        inside = (table.leaf_index >= span.start, table.leaf_index < span.end)
        found.update(session.scalars(select(table.leaf_index).where(table.log_id == log_id, *inside)))
    return found


def drop_checks(session: Session, log_id: str, spans: Iterable[Span]) -> None:
    """What was checked or to be checked of these spans is not there any more; a disagreement stays on record."""
    for span in spans:
        session.execute(delete(SecondOpinionRow).where(*_not_disagreed(log_id, span)))


def cut_checks(session: Session, log_id: str, gone: Span) -> None:
    """The end of what was to be checked, ``gone``, is not there any more: the rest is asked for anew."""
    for row in session.scalars(select(SecondOpinionRow).where(*_not_disagreed(log_id, gone))):
        session.delete(row)
    ending = (SecondOpinionRow.log_id == log_id, SecondOpinionRow.end_index == gone.end)
    for row in session.scalars(select(SecondOpinionRow).where(*ending, SecondOpinionRow.start_index < gone.start)):
        row.end_index, row.checked_until = gone.start, min(row.checked_until, gone.start)
        if row.state == OUT:
            _want_again(row)


def _not_disagreed(log_id: str, span: Span) -> tuple[ColumnElement[bool], ...]:
    """The checks that begin inside ``span``."""
    inside = (SecondOpinionRow.start_index >= span.start, SecondOpinionRow.start_index < span.end)
    return SecondOpinionRow.log_id == log_id, *inside, SecondOpinionRow.state != DISAGREED


def ask_again(session: Session, second_friend: str) -> None:
    """What this friend has agreed to says nothing: somebody else is to check it."""
    agreed = (SecondOpinionRow.second_friend == second_friend, SecondOpinionRow.state == AGREED)
    for row in session.scalars(select(SecondOpinionRow).where(*agreed)):
        _want_again(row)
        row.second_friend, row.checked_until, row.answered_at = None, row.start_index, None


def check_counts(session: Session) -> dict[str, int]:
    """How many second opinions are in each state."""
    rows = session.execute(select(SecondOpinionRow.state, func.count()).group_by(SecondOpinionRow.state))
    return {WANTED: 0, OUT: 0, AGREED: 0, DISAGREED: 0} | {state: int(count) for state, count in rows}
