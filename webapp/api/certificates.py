"""Certificates by domain."""

from ctcollect.domains import normalise
from ctcollect.store.certificates import search_certificates
from webapp.api.endpoints import PREFIX, STEADY, listing
from webapp.api.pages import Page
from webapp.api.parameters import Parameter, page_size, page_start, whole
from webapp.api.schemas import CERTIFICATE
from webapp.database import ask


def domain_name(text: str) -> str:
    """The domain in its one written form."""
    name = normalise(text.strip())
    if name is None:
        raise ValueError("a domain name as example.co.jp")
    return name


DOMAIN = Parameter(
    "domain",
    "the domain, in any written form, with all below it",
    {"type": "string", "minLength": 1},
    domain_name,
    is_required=True,
    example="example.co.jp",
)
PAGING = (page_size(1000, 1000), page_start(whole(1, 2**62)))


@listing(f"{PREFIX}/certificates", CERTIFICATE, STEADY, filters=(DOMAIN,), paging=PAGING)
def certificates(domain: str, limit: int, after: int | None) -> Page:
    """Certificates for a domain and all below it, those valid from the latest day first, each with its sightings."""
    rows = ask(search_certificates, domain, limit + 1, after)
    return Page(rows[:limit], str(rows[limit - 1]["id"]) if len(rows) > limit else None)
