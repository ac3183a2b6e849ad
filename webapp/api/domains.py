"""A domain's certificates on a time axis."""

from typing import Any

from werkzeug.exceptions import BadRequest

from ctcollect.errors import ConfigurationError
from ctcollect.search import BELOW, EXACT, parse_domain
from ctcollect.store.domain_timeline import MOST_BARS, domain_timeline
from webapp.api.certificates import one_of
from webapp.api.endpoints import PREFIX, STEADY, document
from webapp.api.parameters import Parameter
from webapp.api.schemas import CERTIFICATE, count, moment, optional, record, text, truth, value
from webapp.database import ask

MATCHES = (EXACT, BELOW)
MATCH = Parameter(
    "match",
    "exact: what a server of this name could use; below: all at and below it; else below for a registered domain",
    {"type": "string", "enum": list(MATCHES)},
    one_of(*MATCHES),
)
OF_CERTIFICATE = ("id", "serial", "issuer_o", "issuer_cn", "common_name", "not_before", "not_after", "is_final_seen")
BAR = record(
    "A certificate.",
    **{name: CERTIFICATE["properties"][name] for name in OF_CERTIFICATE},
    lane=count("a row of its own among those that are valid at the same time"),
)
STRETCH = {"start": moment("from then"), "end": moment("until before then")}
GAP = record("A time without a valid certificate.", **STRETCH)
OVERLAP = record("A time with several.", **STRETCH, most=count("how many at once, at most"))
TIMELINE = record(
    "The certificates of a domain by the time of their validity.",
    domain=text("the domain in its normal form"),
    registered_domain=optional(text("the domain that was registered; null: this is a public suffix")),
    match=value("string", "which names are meant", enum=list(MATCHES)),
    is_all=truth(f"whether these are all; else they are the newest {MOST_BARS}"),
    bars={"type": "array", "items": BAR, "description": "the newest first"},
    gaps={"type": "array", "items": GAP, "description": "the earliest first"},
    overlaps={"type": "array", "items": OVERLAP, "description": "the earliest first"},
    undated=count("certificates without dates that are possible, which have no bar"),
)


# 404 is for names that no path holds, such as those with an end of a line.
@document(f"{PREFIX}/domains/{{domain}}", TIMELINE, STEADY, (MATCH,), may_miss=True)
def timeline(domain: str, match: str | None) -> dict[str, Any]:
    """A domain's certificates by the time of their validity, with gaps and overlaps.

    A domain of which no certificate was collected has none, which is no fault; 400 is for what is no domain name.
    """
    try:
        name = parse_domain(domain)
    except ConfigurationError as error:
        raise BadRequest(str(error)) from None
    return ask(domain_timeline, name, match)
