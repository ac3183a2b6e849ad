"""Certificates by domain, kind, CA and dates."""

from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import BadRequest

from ctcollect.domains import ORGANISATION_TYPES
from ctcollect.errors import ConfigurationError
from ctcollect.search import LONGEST_TEXT, MATCHES, Place, parse_criteria, parse_domain
from ctcollect.store.certificate_documents import search_certificates
from webapp.api.endpoints import PREFIX, STEADY, listing
from webapp.api.pages import Page
from webapp.api.parameters import Parameter, day, page_size, page_start
from webapp.api.schemas import CERTIFICATE
from webapp.database import ask


def told(reader: Callable[[str], Any]) -> Callable[[str], Any]:
    """``reader``, whose ConfigurationError says what is wrong, as a parameter's."""

    def read_text(text: str) -> Any:
        try:
            return reader(text)
        except ConfigurationError as error:
            raise ValueError(f"something else ({str(error)[-200:]})") from None

    return read_text


def one_of(*words: str) -> Callable[[str], str]:
    """What reads exactly these words."""

    def read_word(text: str) -> str:
        if text not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return text

    return read_word


def plain_text(text: str) -> str:
    """Some text that is not blank and not too long."""
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise ValueError(f"a text of 1 to {LONGEST_TEXT} characters")
    return text


DOMAIN = Parameter(
    "domain",
    "the domain, in any written form",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT},
    told(parse_domain),
    is_required=True,
    example="example.co.jp",
)
TEXT = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
DAY = {"type": "string", "format": "date"}
FILTERS = (
    DOMAIN,
    Parameter(
        "match",
        "below: the domain with all below it; exact: only that name; registered: all of the domain that was registered",
        {"type": "string", "enum": list(MATCHES), "default": MATCHES[0]},
        one_of(*MATCHES),
    ),
    Parameter(
        "organisation_type",
        "the kind of organisation, by the second label",
        {"type": "string", "enum": list(ORGANISATION_TYPES)},
        one_of(*ORGANISATION_TYPES),
    ),
    Parameter("issuer_o", "the CA's organization, without regard to capitals", TEXT, plain_text),
    Parameter("issuer_cn", "the CA's common name, without regard to capitals", TEXT, plain_text),
    Parameter("not_before_from", "valid from this day in Tokyo or later", DAY, day),
    Parameter("not_before_to", "valid from this day in Tokyo or earlier", DAY, day),
    Parameter("not_after_from", "valid until this day in Tokyo or later", DAY, day),
    Parameter("not_after_to", "valid until this day in Tokyo or earlier", DAY, day),
)
PAGING = (page_size(1000, 1000), page_start(told(Place.decode)))


@listing(f"{PREFIX}/certificates", CERTIFICATE, STEADY, filters=FILTERS, paging=PAGING)
def certificates(limit: int, after: Place | None, **filters: Any) -> Page:
    """Certificates for a domain, those valid from the latest day first, each with its sightings.

    A page may hold fewer than asked for, or none, before the end: that is where no next page is named.
    """
    try:
        criteria = parse_criteria({name: str(value) for name, value in filters.items() if value is not None})
    except ConfigurationError as error:
        raise BadRequest(str(error)) from None
    rows, more = ask(search_certificates, criteria, limit, after)
    return Page(rows, more.encode() if more else None)
