"""A certificate by its number, for the pages and the API."""

from typing import Any

from ctcollect.store.certificate_documents import certificate_document
from webapp.database import ask

LARGEST_ID = 2**63 - 1


def certificate_numbered(number: int) -> dict[str, Any] | None:
    """All that is known of it; None when no certificate has this number, however large that is."""
    return ask(certificate_document, number) if number <= LARGEST_ID else None
