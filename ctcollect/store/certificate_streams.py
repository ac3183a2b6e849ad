"""Reading the streams of a question, all of them with one statement at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import literal, or_, select, union_all
from sqlalchemy.orm import Session

from ctcollect.search import Place
from ctcollect.store.certificate_questions import NAMES, NEWEST_FIRST, Condition, Question, Rows, Stream

# How many rows are looked through at first, and how many times more when they held too little.
FIRST_STRETCH, GROWTH = 1_500, 8


class Looked(NamedTuple):
    """What was found in a stream, and how far it was looked through; ``until`` is None at its end."""

    found: list[Place]
    until: Place | None


@dataclass(slots=True)
class Reading:
    """A stream and how far it was read; ``until`` counts once it ``is_done``."""

    stream: Stream
    until: Place | None
    found: list[Place] = field(default_factory=list)
    is_done: bool = False


def first(session: Session, rows: Rows, limit: int, after: Place | None) -> Looked:
    """The next ``limit`` + 1 of some rows: one more than is wanted, to know whether there are more."""
    return _looked([Place(*row) for row in session.execute(_next(rows, limit, after))], limit)


def next_of_all(session: Session, streams: Sequence[Stream], limit: int, after: Place | None) -> list[Looked]:
    """The next ``limit`` + 1 of each stream."""
    return [_looked(found, limit) for found in _ask(session, [_next(each.rows(), limit, after) for each in streams])]


def look_through(
    session: Session, question: Question, limit: int, after: Place | None, examined_rows: int
) -> list[Looked]:
    """Those in the streams that meet all conditions; of each stream an equal share of ``examined_rows`` is read."""
    budget = examined_rows // len(question.streams)
    readings = [Reading(stream, after) for stream in question.streams]
    for length in _stretches(budget):
        pending = [each for each in readings if not each.is_done]
        ends = _ask(session, [_end_of_stretch(each, length) for each in pending])
        inside = [
            _next(_within(each, question, end), limit - len(each.found), each.until)
            for each, end in zip(pending, ends, strict=True)
        ]
        for each, end, found in zip(pending, ends, _ask(session, inside), strict=True):
            _note(each, end, found, limit)
        if all(each.is_done for each in readings):
            break
    return [Looked(each.found, each.until) for each in readings]


def _stretches(budget: int) -> Iterator[int]:
    """Lengths that grow and together are the budget, or the one row without which nothing would go on."""
    left, length = max(budget, 1), FIRST_STRETCH
    while left:
        yield min(left, length)
        left, length = left - min(left, length), length * GROWTH


def _note(reading: Reading, end: Sequence[Place], found: list[Place], limit: int) -> None:
    reading.found += found
    is_full = len(reading.found) > limit
    reading.is_done = is_full or not end
    reading.until = found[-1] if is_full else end[0] if end else None


def _looked(found: list[Place], limit: int) -> Looked:
    return Looked(found, found[-1] if len(found) > limit else None)


def _next(rows: Rows, limit: int, after: Place | None) -> Rows:
    return rows.where(*_after(after)).distinct().order_by(*NEWEST_FIRST).limit(limit + 1)


def _end_of_stretch(reading: Reading, length: int) -> Rows:
    """The last of the next ``length`` rows; nothing when there are no more of them."""
    rows = reading.stream.rows().where(*_after(reading.until))
    return rows.order_by(*NEWEST_FIRST).offset(length - 1).limit(1)


def _within(reading: Reading, question: Question, end: Sequence[Place]) -> Rows:
    return reading.stream.rows().where(*question.conditions, *(_until(end[0]) if end else ()))


def _ask(session: Session, questions: Sequence[Rows]) -> list[list[Place]]:
    """What each is answered, in the order of the answer."""
    answers: list[list[Place]] = [[] for _ in questions]
    numbered = [(number, each.subquery()) for number, each in enumerate(questions)]
    parts = [select(literal(number), each.c.not_before, each.c.certificate_id) for number, each in numbered]
    for number, *place in session.execute(union_all(*parts) if parts[1:] else parts[0]):
        answers[number].append(Place(*place))
    return [sorted(places, reverse=True) for places in answers]


def _after(place: Place | None) -> tuple[Condition, ...]:
    """What comes later in the answer. The first condition repeats: an index is entered by it alone."""
    if place is None:
        return ()
    older = or_(NAMES.not_before < place.not_before, NAMES.certificate_id < place.certificate_id)
    return (NAMES.not_before <= place.not_before, older)


def _until(place: Place) -> tuple[Condition, ...]:
    newer = or_(NAMES.not_before > place.not_before, NAMES.certificate_id >= place.certificate_id)
    return (NAMES.not_before >= place.not_before, newer)
