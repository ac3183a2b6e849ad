"""What a search asks of ``certificate_names``: conditions, and the index that gives the newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from ctcollect.domains import organisation_type, registered_domain, types_below
from ctcollect.models import CertificateNameRow
from ctcollect.search import ALWAYS, BELOW, EXACT, REGISTERED, UNREADABLE, Criteria, Period, text_key

NAMES = CertificateNameRow
NEWEST_FIRST = (NAMES.not_before.desc(), NAMES.certificate_id.desc())
EVERYTHING = "jp"
Condition = ColumnElement[bool]
Rows = Select[datetime, int]


@dataclass(frozen=True, slots=True)
class Stream:
    """The rows of an index for which ``beginning`` holds, in the order of the answer."""

    index: str
    beginning: tuple[Condition, ...]

    def rows(self) -> Rows:
        """(not_before, certificate_id) of all of them, in no order yet."""
        return rows_of(self.index).where(*self.beginning)


@dataclass(frozen=True, slots=True)
class Question:
    """All ``conditions`` together are the criteria. ``is_plain``: the streams' beginnings alone say as much.

    A certificate that would have begun after its end is not found by its end, which lets a stream begin there.
    """

    conditions: tuple[Condition, ...]
    streams: tuple[Stream, ...]
    is_plain: bool


def rows_of(index: str) -> Rows:
    """Names through one of their indices: which is the best is known here, while a database guesses from samples."""
    rows = select(NAMES.not_before, NAMES.certificate_id)
    for dialect in ("mysql", "mariadb"):
        rows = rows.with_hint(NAMES, f"FORCE INDEX (ix_certificate_names_by_{index})", dialect)
    return rows


def question(criteria: Criteria) -> Question:
    rest = (*period_conditions(NAMES.not_after, criteria.not_after),)
    dates = period_conditions(NAMES.not_before, criteria.not_before)
    if end := criteria.not_after.end:
        dates = (*dates, NAMES.not_before < end)
    issuer = _issuer(criteria)
    place = place_conditions(criteria)
    streams = tuple(Stream(index, (*beginning, *dates)) for index, beginning in _beginnings(criteria))
    conditions = (*place, *_kind_beside_place(criteria), *issuer, *dates, *rest)
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
        index, issuer = issuer_index(criteria)
        for kind in [criteria.organisation_type] if criteria.organisation_type else types_below(domain or EVERYTHING):
            yield index, (*issuer, NAMES.organisation_type == kind)


def issuer_index(criteria: Criteria) -> tuple[str, tuple[Condition, ...]]:
    if criteria.issuer_cn:
        return "issuer_cn", (NAMES.issuer_cn_key == text_key(criteria.issuer_cn),)
    return ("issuer_o", _issuer(criteria)) if criteria.issuer_o else ("type", ())


def place_conditions(criteria: Criteria) -> tuple[Condition, ...]:
    """Told by the name itself, which every index holds, being a part of the primary key."""
    domain = criteria.domain
    if domain is None or (domain == EVERYTHING and criteria.match == BELOW):
        return ()
    is_it = NAMES.name == domain
    return (is_it if criteria.match == EXACT else or_(is_it, NAMES.name.endswith(f".{domain}", autoescape=True)),)


def names_at(criteria: Criteria, domain: str) -> Rows:
    """The names at, or at and below, the domain, however few.

    Read backwards, all below a domain are neighbours; "/" comes next after ".".
    """
    backwards = domain[::-1]
    if criteria.match == REGISTERED:
        return rows_of("registered_domain").where(NAMES.registered_domain == domain)
    if criteria.match == EXACT:
        return rows_of("name").where(NAMES.name_reversed == backwards)
    below = and_(NAMES.name_reversed >= f"{backwards}.", NAMES.name_reversed < f"{backwards}/")
    return rows_of("name").where(or_(NAMES.name_reversed == backwards, below))


def kind_conditions(criteria: Criteria) -> tuple[Condition, ...]:
    """The type that is asked for, or that follows from the domain: all names below one are of its type."""
    domain, kind = criteria.domain, criteria.organisation_type
    if domain and registered_domain(domain):
        kind = organisation_type(domain)
    return (NAMES.organisation_type == kind,) if kind else ()


def _kind_beside_place(criteria: Criteria) -> tuple[Condition, ...]:
    """Nothing where the domain says it already: the indices of names do not hold the type."""
    return () if criteria.domain and registered_domain(criteria.domain) else kind_conditions(criteria)


def _issuer(criteria: Criteria) -> tuple[Condition, ...]:
    wanted = ((NAMES.issuer_o_key, criteria.issuer_o), (NAMES.issuer_cn_key, criteria.issuer_cn))
    return tuple(column == text_key(text) for column, text in wanted if text)


def period_conditions(column: Any, period: Period) -> tuple[Condition, ...]:
    if period == ALWAYS:
        return ()
    start = period.start or UNREADABLE
    is_readable = column >= start if start != UNREADABLE else column > UNREADABLE
    return (is_readable, column < period.end) if period.end else (is_readable,)
