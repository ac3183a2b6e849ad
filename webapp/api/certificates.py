"""Certificates by domain."""

from werkzeug.exceptions import BadRequest

from ctcollect.errors import ConfigurationError
from ctcollect.store.certificates import search_certificates
from webapp.api.endpoints import PREFIX, STEADY, listing
from webapp.api.pages import Page
from webapp.api.parameters import Parameter, page_size, page_start, whole
from webapp.api.schemas import CERTIFICATE
from webapp.database import ask

DOMAIN = Parameter(
    "domain",
    "the domain, in any written form, with all below it",
    {"type": "string", "minLength": 1},
    is_required=True,
    example="example.co.jp",
)
PAGING = (page_size(1000, 1000), page_start(whole(1, 2**62)))


@listing(f"{PREFIX}/certificates", CERTIFICATE, STEADY, filters=(DOMAIN,), paging=PAGING)
def certificates(domain: str, limit: int, after: int | None) -> Page:
    """Certificates for a domain and all below it, those valid from the latest day first, each with its sightings."""
    try:
        rows = ask(search_certificates, domain, limit + 1, after)
    except ConfigurationError as error:
        raise BadRequest(str(error)) from None
    return Page(rows[:limit], str(rows[limit - 1]["id"]) if len(rows) > limit else None)
