"""How the API's answers travel: for every origin, compressed, and not at all when the asker has them already."""

import gzip

from flask import Response, request

API_PREFIX = "/api/"
# Below this the compressed form is hardly smaller.
COMPRESS_FROM_BYTES = 1000
COMPRESS_LEVEL = 6
# Public figures without cookies: pages of other sites may read them.
FOR_EVERY_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Cache-Control, If-None-Match, Last-Event-ID",
    "Access-Control-Max-Age": "86400",
}


def prepare_transfer(response: Response) -> Response:
    """Headers of every answer below /api/; gzip for who takes it, an ETag of the bytes sent, 304 for who names it."""
    if not request.path.startswith(API_PREFIX):
        return response
    response.headers.update(FOR_EVERY_ORIGIN)
    if request.method == "OPTIONS":
        response.headers.update(PREFLIGHT)
    elif not response.is_streamed:
        compress(response)
        if response.status_code == 200:
            response.add_etag()
            response.make_conditional(request)
    return response


def compress(response: Response) -> None:
    """Replace the body by its gzip form, the same for the same body, when it is large and the asker takes it."""
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) >= COMPRESS_FROM_BYTES and request.accept_encodings["gzip"] > 0:
        response.set_data(gzip.compress(body, COMPRESS_LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
