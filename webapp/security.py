"""Headers of every answer: the page may use this site's own files, and nobody may use the page."""

from collections.abc import Mapping

from flask import Response

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self' data:",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def policy_text(policy: Mapping[str, str]) -> str:
    """The value of a Content-Security-Policy header."""
    return "; ".join(f"{what} {sources}" for what, sources in policy.items())


HEADERS = {
    "Content-Security-Policy": policy_text(POLICY),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def add_headers(response: Response) -> Response:
    """The security headers that the view has not set; what says nothing about caching, as every page of figures, is
    not kept."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response
