"""Live updates: server-sent events that say when the figures have changed."""

from flask import Response, current_app, request
from werkzeug.exceptions import ServiceUnavailable

from webapp.api.endpoints import PREFIX, endpoint
from webapp.listeners import listeners_of

EVENTS = "text/event-stream"
RETRY_SECONDS = 60
CROWDED = f"This server has no room for more live listeners now: ask {PREFIX}/status every few seconds instead."


@endpoint(f"{PREFIX}/events", {"type": "string"}, EVENTS)
def events() -> Response:
    """Live updates as server-sent events: figures (they have changed), alive (they have not), away (the database is).

    The data of each is {"version", "as_of"}. With status 503 there is no room for more listeners.
    """
    listeners = listeners_of(current_app)
    if not listeners.enter():
        raise ServiceUnavailable(CROWDED, retry_after=RETRY_SECONDS)
    response = Response(listeners.stream(request.headers.get("Last-Event-ID")), mimetype=EVENTS)
    response.call_on_close(listeners.leave)
    # nginx would hold events back until it has a page of them.
    response.headers.update({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
    return response
