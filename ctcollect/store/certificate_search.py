"""Searching the certificates: the newest first, page by page, with bounded work whatever is asked for.

A search reads ``certificate_names`` through one of its indices, which all give the newest first. It takes one of
three ways (measured in docs/performance.md):

- What the index begins with is all that was asked for: the page is the next rows of the index.
- One of the criteria is met by few names only: those are gathered and sorted.
- Else a stretch of the index, the longer the less it holds, is looked through. After EXAMINED_ROWS the search stops:
  the page may then hold less than was asked for, and says where to go on.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ctcollect.domains import organisation_type, registered_domain
from ctcollect.search import ALWAYS, Criteria, Place
from ctcollect.store.certificate_questions import (
    NAMES,
    Rows,
    issuer_index,
    kind_conditions,
    names_at,
    period_conditions,
    question,
    rows_of,
)
from ctcollect.store.certificate_streams import Looked, first, look_through, next_of_all

FEW_ROWS = 8_000
EXAMINED_ROWS = 15_000


class Page(NamedTuple):
    """Certificates, by id, the newest first; ``next`` is None at the end of the answer.

    A page may be short, or empty, and yet not the last one: there was much to look through.
    """

    numbers: list[int]
    next: Place | None


def find_certificates(session: Session, criteria: Criteria, limit: int, after: Place | None = None) -> Page:
    """At most ``limit`` certificates that meet the criteria, those after the place ``after`` of the answer."""
    if _is_impossible(criteria):
        return Page([], None)
    asked = question(criteria)
    if asked.is_plain:
        return _page(next_of_all(session, asked.streams, limit, after), limit)
    if (few := _few(session, criteria)) is not None:
        return _page([first(session, few.where(*asked.conditions), limit, after)], limit)
    return _page(look_through(session, asked, limit, after, EXAMINED_ROWS), limit)


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


def _few(session: Session, criteria: Criteria) -> Rows | None:
    """The names that meet one of the criteria, when there are at most FEW_ROWS of them."""
    for narrow in _narrow(criteria):
        counted = select(func.count()).select_from(narrow.limit(FEW_ROWS + 1).subquery())
        if (session.scalar(counted) or 0) <= FEW_ROWS:
            return narrow
    return None


def _narrow(criteria: Criteria) -> Iterator[Rows]:
    dates = period_conditions(NAMES.not_before, criteria.not_before)
    if criteria.domain:
        yield names_at(criteria, criteria.domain).where(*dates)
    if criteria.issuer_o or criteria.issuer_cn:
        index, issuer = issuer_index(criteria)
        yield rows_of(index).where(*issuer, *kind_conditions(criteria), *dates)
    if criteria.not_after != ALWAYS:
        yield rows_of("not_after").where(*period_conditions(NAMES.not_after, criteria.not_after))
