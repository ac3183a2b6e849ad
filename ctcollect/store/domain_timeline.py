"""The certificates of a domain on a time axis."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ctcollect.domains import registered_domain
from ctcollect.models import CertificateRow
from ctcollect.search import BELOW, EXACT, Criteria
from ctcollect.store.certificate_search import find_certificates
from ctcollect.timeline import Validity, lay_out

MOST_BARS = 500
# Both ends of a certificate's validity belong to it (RFC 5280, section 4.1.2.5), to the second.
LAST_SECOND = timedelta(seconds=1)
# That section's time for no end at all is the calendar's last second.
LATEST_END = datetime.max.replace(microsecond=0)
SHOWN = ("id", "serial", "issuer_o", "issuer_cn", "common_name", "not_before", "not_after", "is_final_seen")


def domain_timeline(session: Session, domain: str, match: str | None = None) -> dict[str, Any]:
    """The newest MOST_BARS certificates of ``domain``, a name in normalised form, as bars in lanes.

    ``match`` is BELOW, all names at and below the domain, which is the default for a domain that can be registered,
    or EXACT, the certificates that a server of this very name could use: its own and those for the wildcard.
    ``gaps`` are times without a valid certificate, ``overlaps`` those with several. ``is_all`` is False when there
    are more certificates; ``undated`` counts those without readable or possible dates, which have no bar.
    """
    match = match or (BELOW if domain == registered_domain(domain) else EXACT)
    numbers, is_all = _newest(session, domain, match)
    columns = [getattr(CertificateRow, name) for name in SHOWN]
    order = (CertificateRow.not_before.desc(), CertificateRow.id.desc())
    found = session.execute(select(*columns).where(CertificateRow.id.in_(numbers)).order_by(*order)).all()
    rows = [row._asdict() for row in found]
    document = {"domain": domain, "registered_domain": registered_domain(domain), "match": match, "is_all": is_all}
    return document | _with_lanes(rows)


def _newest(session: Session, domain: str, match: str) -> tuple[set[int], bool]:
    asked = [Criteria(domain, match)]
    if match == EXACT and not domain.startswith("*."):
        asked.append(Criteria(f"*.{domain.partition('.')[2]}", EXACT))
    pages = [find_certificates(session, criteria, MOST_BARS) for criteria in asked]
    return {number for page in pages for number in page.numbers}, all(page.next is None for page in pages)


def _with_lanes(rows: list[dict[str, Any]]) -> dict[str, Any]:
    drawn = [row for row in rows if _is_possible(row["not_before"], row["not_after"])]
    timeline = lay_out([Validity(row["not_before"], _end(row["not_after"])) for row in drawn])
    return {
        "bars": [row | {"lane": lane} for row, lane in zip(drawn, timeline.lanes, strict=True)],
        "gaps": [gap._asdict() for gap in timeline.gaps],
        "overlaps": [overlap._asdict() for overlap in timeline.overlaps],
        "undated": len(rows) - len(drawn),
    }


def _is_possible(not_before: datetime | None, not_after: datetime | None) -> bool:
    return not_before is not None and not_after is not None and not_before < _end(not_after)


def _end(not_after: datetime) -> datetime:
    return min(not_after, LATEST_END - LAST_SECOND) + LAST_SECOND
