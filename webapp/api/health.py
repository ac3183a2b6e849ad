"""For those who watch the watchers."""

from flask import Response, jsonify

from ctcollect.store.status import check_tables
from webapp.api.endpoints import endpoint
from webapp.api.schemas import HEALTH
from webapp.database import ask


@endpoint("/healthz", HEALTH)
def health() -> Response:
    """Whether the database answers and is prepared; 503 when not."""
    ask(check_tables)
    return jsonify(ok=True)
