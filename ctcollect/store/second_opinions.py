"""Second opinions: a share of what is delivered is read by another friend as well, and compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, false, func, or_, select
from sqlalchemy.orm import Session

from ctcollect.harvest import Harvest
from ctcollect.models import LogRow, MalformedRow, SecondOpinionRow, SightingRow
from ctcollect.ranges import Span
from ctcollect.store.archive_holders import holders, in_one_hand
from ctcollect.store.engine import utc_now
from ctcollect.store.reading import Reading

WANTED, OUT, AGREED, DISAGREED = "wanted", "out", "agreed", "disagreed"
PENDING = (WANTED, OUT)


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
    readers = holders(session, queue)
    friends = readers.by_friend.keys()
    now = utc_now()
    statement = (
        select(SecondOpinionRow, LogRow)
        .join(LogRow, LogRow.log_id == SecondOpinionRow.log_id)
        .where(SecondOpinionRow.queue == queue, SecondOpinionRow.state.in_(PENDING))
        .where(or_(SecondOpinionRow.issued_until.is_(None), SecondOpinionRow.issued_until <= now))
        .where(LogRow.enabled, ~LogRow.paused, or_(LogRow.rest_until.is_(None), LogRow.rest_until <= now))
        .where(LogRow.log_id.not_in(in_one_hand(session, readers)))
        .order_by(SecondOpinionRow.asked_at, SecondOpinionRow.start_index)
    )
    if len(friends) < 2:
        # Nobody can check himself: what the only friend has brought would stand in the way of all else.
        statement = statement.where(SecondOpinionRow.first_friend.not_in(friends) if friends else false())
    checks = []
    for row, log in session.execute(statement.limit(count)):
        if not readers.able(log, row.start_index) - {row.first_friend}:
            continue
        row.state, row.issued_until = OUT, now + timedelta(seconds=lease_seconds)
        checks.append(Check(log, Span(row.checked_until, row.end_index), row.first_friend))
    return checks


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
