"""The way of a GET to one host: requests' adapter says how, urllib3's pool of connections does it.

Requests' own send() goes this way too, and makes a dozen objects more for each answer: at 32 entries an answer they
would cost a worker as much as all that it does with the entries.
"""

import requests
import urllib3
from urllib3.response import HTTPResponse

from ctcollect.connections import BreakableAdapter


def origin_of(request: requests.PreparedRequest) -> str:
    """``https://ct.example.com:8443``: the address as far as its path, which a prepared one always has."""
    url = request.url or ""
    return url[: url.index("/", len("https://"))]


class Route:
    """Requests to one origin by one adapter: no redirect is followed, nothing tried again, no cookie kept."""

    def __init__(self, adapter: BreakableAdapter, request: requests.PreparedRequest) -> None:
        """``request``: any one to the origin."""
        self._pool = adapter.pool_for(request)
        # Through an HTTP proxy the whole address is asked for (RFC 9112 section 3.2.2).
        self._prefix = adapter.request_url(request, adapter.proxies).removesuffix(request.path_url)

    def get(self, request: requests.PreparedRequest, query: str, timeout: urllib3.Timeout) -> HTTPResponse:
        """The answer with its body unread; ``query`` is added to the request's address.

        urllib3's errors as they are. Close the answer: its connection is kept if it was read whole.
        """
        response: HTTPResponse = self._pool.urlopen(
            "GET",
            self._prefix + request.path_url + query,
            headers=dict(request.headers),  # urllib3 copies them, and a dict of requests' own kind takes its time
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=timeout,
            preload_content=False,
            decode_content=False,
        )  # type: ignore[assignment]
        return response
