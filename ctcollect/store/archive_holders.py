"""Archives in local files: which friends' running workers can read which ranges, and which logs wait for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from ctcollect.holdings import Holdings, held_entries, parse_holdings
from ctcollect.models import OPEN, LogRow, RangeRow, WorkerRow
from ctcollect.protocol.static_ct import PART_ENTRIES
from ctcollect.ranges import Span, join_spans
from ctcollect.store.trust import UNTRUSTED, friends_with


def needs_file(log: LogRow) -> bool:
    """Whether only a worker that has the log's zip files can read it: they are at no url."""
    return log.kind == "archive" and not log.archive_url


@dataclass(frozen=True, slots=True)
class Holders:
    """The friends whose workers serve a queue now, each with the zip files of all of them."""

    by_friend: Mapping[str, Sequence[Holdings]]

    def readable(self, log: LogRow) -> ColumnElement[bool]:
        """Which ranges of the log somebody can read."""
        if not needs_file(log):
            return true()
        inside = [
            and_(RangeRow.start_index >= span.start, RangeRow.start_index < span.end) for span in self._spans(log)
        ]
        return or_(false(), *inside)

    def _spans(self, log: LogRow) -> list[Span]:
        return join_spans(span for friend in self.by_friend for span in self._of(friend, log.log_id))

    def is_in_one_hand(self, log: LogRow) -> bool:
        """Whether only one friend, or nobody, can read anything of the log: then nobody can check it."""
        return needs_file(log) and sum(bool(self._of(friend, log.log_id)) for friend in self.by_friend) < 2

    def _of(self, friend: str, log_id: str) -> list[Span]:
        return [span for holdings in self.by_friend[friend] for span in held_entries(holdings, log_id)]

    def who_lack(self, log: LogRow, index: int) -> set[str]:
        """The friends without the zip file of this entry, who could only hand it back; nobody, if none is needed."""
        if not needs_file(log):
            return set()
        return {friend for friend in self.by_friend if not _holds(self._of(friend, log.log_id), index)}

    def able(self, log: LogRow, index: int) -> set[str]:
        """The others: those who can read this entry."""
        return set(self.by_friend) - self.who_lack(log, index)


def holders(session: Session, queue: str) -> Holders:
    """The friends who are not untrusted and of whom a worker that serves this queue runs."""
    rows = session.execute(
        select(WorkerRow.friend, WorkerRow.queues, WorkerRow.archives).where(WorkerRow.running)
    ).all()
    untrusted = friends_with(session, [UNTRUSTED])
    found: dict[str, list[Holdings]] = {}
    for friend, queues, archives in rows:
        if queue in queues.split(",") and friend not in untrusted:
            found.setdefault(friend, []).append(parse_holdings(archives))
    return Holders(found)


def _holds(spans: Sequence[Span], index: int) -> bool:
    return any(span.start <= index < span.end for span in spans)


def in_one_hand(session: Session, readers: Holders) -> list[str]:
    """The log_id of each archive that not two of these friends can read."""
    archives = session.scalars(select(LogRow).where(LogRow.kind == "archive"))
    return [log.log_id for log in archives if readers.is_in_one_hand(log)]


def waiting_for(session: Session) -> dict[str, str]:
    """By log_id of each log of which ranges are open that nobody who runs can read: whom it waits for."""
    logs = session.scalars(select(LogRow).where(LogRow.kind == "archive", LogRow.enabled)).all()
    waiting = {}
    for log in filter(needs_file, logs):
        unread = ~holders(session, log.queue).readable(log)
        is_open = (RangeRow.state == OPEN, RangeRow.log_id == log.log_id)
        first = session.scalar(select(func.min(RangeRow.start_index)).where(*is_open, unread))
        if first is not None:
            waiting[log.log_id] = f"a friend with {first // PART_ENTRIES:03d}.zip of its archive"
    return waiting
