"""Searching the certificates: the newest first, page by page, with bounded work whatever is asked for.

A search reads ``certificate_names`` through one of its indices, which all give the newest first. It takes one of
three ways (measured in docs/performance.md):

- What the index begins with is all that was asked for: the page is the next rows of the index.
- One of the criteria is met by few names only: those are gathered and sorted.
- Else a stretch of the index, the longer the less it holds, is looked through. After EXAMINED_ROWS the search stops:
  the page may then hold less than was asked for, and says where to go on.

An index is named in each statement: which one is the best is known here, while a database guesses from samples.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from ctcollect.domains import ORGANISATION_TYPES, organisation_type, registered_domain
from ctcollect.models import CertificateNameRow, CertificateRow
from ctcollect.search import ALWAYS, BELOW, EXACT, REGISTERED, UNREADABLE, Criteria, Period, Place, text_key

NAMES = CertificateNameRow
NEWEST_FIRST = (NAMES.not_before.desc(), NAMES.certificate_id.desc())
FEW_ROWS = 5_000
EXAMINED_ROWS = 40_000
STRETCHES = (1_000, 8_000, EXAMINED_ROWS)
EVERYTHING = "jp"
Condition = ColumnElement[bool]
Rows = Select[datetime, int]


class Page(NamedTuple):
    """Certificates, by id, the newest first; ``next`` is None at the end of the answer.

    A page may be short, or empty, and yet not the last one: there was much to look through.
    """

    numbers: list[int]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Stream:
    """The rows of an index for which ``beginning`` holds, in the order of the answer."""

    index: str
    beginning: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """All ``conditions`` together are the criteria. ``is_plain``: the streams' beginnings alone say as much."""

    conditions: tuple[Condition, ...]
    streams: tuple[Stream, ...]
    is_plain: bool


class Looked(NamedTuple):
    """What was found in a stream, and how far it was looked through; ``until`` is None at its end."""

    found: list[Place]
    until: Place | None


def find_certificates(session: Session, criteria: Criteria, limit: int, after: Place | None = None) -> Page:
    """At most ``limit`` certificates that meet the criteria, those after the place ``after`` of the answer."""
    if _is_impossible(criteria):
        return Page([], None)
    question = _question(criteria)
    if not question.is_plain and (few := _few(session, criteria)) is not None:
        return _page([Looked(*_gathered(session, few, question.conditions, limit, after))], limit)
    budget = EXAMINED_ROWS // len(question.streams)
    return _page([_look(session, question, stream, limit, after, budget) for stream in question.streams], limit)


def _is_impossible(criteria: Criteria) -> bool:
    """A domain that somebody registered is of one type: that of all names below it."""
    kind, domain = criteria.organisation_type, criteria.domain
    return bool(kind and domain and registered_domain(domain) and organisation_type(domain) != kind)


def _page(looked: Sequence[Looked], limit: int) -> Page:
    """Merge the streams: what lies beyond the place to which all of them were looked through is not known yet."""
    until = max((each.until for each in looked if each.until), default=None)
    found = sorted({place for each in looked for place in each.found}, reverse=True)
    known = [place for place in found if until is None or place >= until]
    if len(known) > limit:
        return Page([place.certificate_id for place in known[:limit]], known[limit - 1])
    return Page([place.certificate_id for place in known], until)


# --- what to ask ---


def _question(criteria: Criteria) -> Question:
    rest = (*_period(NAMES.not_after, criteria.not_after),)
    dates = _period(NAMES.not_before, criteria.not_before)
    issuer = _issuer(criteria)
    place = _place(criteria)
    streams = tuple(Stream(index, (*beginning, *dates)) for index, beginning in _beginnings(criteria))
    conditions = (*place, *_kind(criteria), *issuer, *dates, *rest)
    return Question(conditions, streams, is_plain=not rest and _is_covered(criteria, streams[0].index))


def _is_covered(criteria: Criteria, index: str) -> bool:
    """Whether the beginnings of the streams say all that is asked for, dates of the end aside."""
    if index == "name":
        return not (criteria.issuer_o or criteria.issuer_cn)
    if index == "registered_domain":
        return criteria.domain == registered_domain(criteria.domain or "") and not _issuer(criteria)
    has_place = criteria.domain not in (None, EVERYTHING)
    return not has_place and not (criteria.issuer_o and criteria.issuer_cn)


def _beginnings(criteria: Criteria) -> Iterator[tuple[str, tuple[Condition, ...]]]:
    domain = criteria.domain
    if domain and criteria.match == EXACT:
        yield "name", (NAMES.name_reversed == domain[::-1],)
    elif domain and (registered := registered_domain(domain)):
        yield "registered_domain", (NAMES.registered_domain == registered,)
    else:
        index, issuer = _issuer_index(criteria)
        for kind in [criteria.organisation_type] if criteria.organisation_type else ORGANISATION_TYPES:
            yield index, (*issuer, NAMES.organisation_type == kind)


def _issuer_index(criteria: Criteria) -> tuple[str, tuple[Condition, ...]]:
    if criteria.issuer_cn:
        return "issuer_cn", (NAMES.issuer_cn_key == text_key(criteria.issuer_cn),)
    return ("issuer_o", _issuer(criteria)) if criteria.issuer_o else ("type", ())


def _place(criteria: Criteria) -> tuple[Condition, ...]:
    domain = criteria.domain
    if domain is None or (domain == EVERYTHING and criteria.match == BELOW):
        return ()
    if criteria.match == REGISTERED:
        return (NAMES.registered_domain == domain,)
    return (_below(domain) if criteria.match == BELOW else NAMES.name_reversed == domain[::-1],)


def _below(domain: str) -> Condition:
    """The domain and all below it: neighbours, when names are read backwards ("/" comes next after ".")."""
    backwards = domain[::-1]
    below = and_(NAMES.name_reversed >= f"{backwards}.", NAMES.name_reversed < f"{backwards}/")
    return or_(NAMES.name_reversed == backwards, below)


def _kind(criteria: Criteria) -> tuple[Condition, ...]:
    return (NAMES.organisation_type == criteria.organisation_type,) if criteria.organisation_type else ()


def _issuer(criteria: Criteria) -> tuple[Condition, ...]:
    wanted = ((NAMES.issuer_o_key, criteria.issuer_o), (NAMES.issuer_cn_key, criteria.issuer_cn))
    return tuple(column == text_key(text) for column, text in wanted if text)


def _period(column: Any, period: Period) -> tuple[Condition, ...]:
    if period == ALWAYS:
        return ()
    start = period.start or UNREADABLE
    is_readable = column >= start if start != UNREADABLE else column > UNREADABLE
    return (is_readable, column < period.end) if period.end else (is_readable,)


# --- asking ---


def _few(session: Session, criteria: Criteria) -> Rows | None:
    """The names that meet one of the criteria, when there are at most FEW_ROWS of them."""
    for narrow in _narrow(criteria):
        counted = select(func.count()).select_from(narrow.limit(FEW_ROWS + 1).subquery())
        if (session.scalar(counted) or 0) <= FEW_ROWS:
            return narrow
    return None


def _narrow(criteria: Criteria) -> Iterator[Rows]:
    dates = _period(NAMES.not_before, criteria.not_before)
    if criteria.domain:
        index = "registered_domain" if criteria.match == REGISTERED else "name"
        yield _rows(index).where(*_place(criteria), *dates)
    if criteria.issuer_o or criteria.issuer_cn:
        index, issuer = _issuer_index(criteria)
        yield _rows(index).where(*issuer, *_kind(criteria), *dates)
    if criteria.not_after != ALWAYS:
        joined = select(NAMES.not_before, NAMES.certificate_id).join_from(CertificateRow, NAMES)
        ended = joined.where(*_period(CertificateRow.not_after, criteria.not_after))
        yield _through(ended, CertificateRow, "ix_certificates_not_after")


def _rows(index: str) -> Rows:
    rows = select(NAMES.not_before, NAMES.certificate_id)
    return _through(rows, NAMES, f"ix_certificate_names_by_{index}")


def _through(rows: Rows, table: Any, index: str) -> Rows:
    for dialect in ("mysql", "mariadb"):
        rows = rows.with_hint(table, f"FORCE INDEX ({index})", dialect)
    return rows


def _gathered(
    session: Session, rows: Rows, conditions: Sequence[Condition], limit: int, after: Place | None
) -> tuple[list[Place], None]:
    wanted = rows.where(*conditions, *_after(after)).distinct().order_by(*NEWEST_FIRST).limit(limit + 1)
    return _places(session, wanted), None


def _look(session: Session, question: Question, stream: Stream, limit: int, after: Place | None, budget: int) -> Looked:
    rows = _rows(stream.index).where(*stream.beginning)
    if question.is_plain:
        return _first(session, rows, limit, after)
    found: list[Place] = []
    stretches = iter(STRETCHES)
    while True:
        stretch = min(next(stretches), budget)
        end = _end_of_stretch(session, rows, after, stretch)
        inside = rows.where(*question.conditions, *_until(end))
        looked = _first(session, inside, limit - len(found), after)
        found += looked.found
        if looked.until or end is None or stretch == budget:
            return Looked(found, looked.until or end)
        after = end


def _first(session: Session, rows: Rows, limit: int, after: Place | None) -> Looked:
    """The next ``limit`` + 1: one more than is wanted, to know whether there are more."""
    found = _places(session, rows.where(*_after(after)).distinct().order_by(*NEWEST_FIRST).limit(limit + 1))
    return Looked(found, found[-1] if len(found) > limit else None)


def _end_of_stretch(session: Session, rows: Rows, after: Place | None, length: int) -> Place | None:
    """The last place of the next ``length`` rows; None when there are no more of them."""
    statement = rows.where(*_after(after)).order_by(*NEWEST_FIRST).offset(length - 1).limit(1)
    return next(iter(_places(session, statement)), None)


def _places(session: Session, statement: Rows) -> list[Place]:
    return [Place(*row) for row in session.execute(statement)]


def _after(place: Place | None) -> tuple[Condition, ...]:
    """What comes later in the answer. The first condition repeats: an index is entered by it alone."""
    if place is None:
        return ()
    not_before, number = literal(place.not_before), place.certificate_id
    older = or_(NAMES.not_before < not_before, NAMES.certificate_id < number)
    return (NAMES.not_before <= not_before, older)


def _until(place: Place | None) -> tuple[Condition, ...]:
    if place is None:
        return ()
    newer = or_(NAMES.not_before > place.not_before, NAMES.certificate_id >= place.certificate_id)
    return (NAMES.not_before >= place.not_before, newer)
