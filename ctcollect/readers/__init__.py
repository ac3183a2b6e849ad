"""Readers: a log of any kind, read as if it spoke RFC 6962 (``LogReader``)."""

from ctcollect.client import Http, LogReader
from ctcollect.readers.rfc6962 import Rfc6962Reader
from ctcollect.readers.sources import HttpSource
from ctcollect.readers.static_ct import Place, Shared, StaticReader
from ctcollect.readers.zip_part import Asker

__all__ = ["Place", "Shared", "open_reader"]


def open_reader(place: Place, http: Http, deadline: float, shared: Shared) -> LogReader:
    """A reader of the log's kind; ``deadline`` (monotonic) bounds every wait for a turn.

    ConfigurationError for a log that must not be asked.
    """
    if place.kind == "archive":
        source = shared.archives.source(place.log_id, place.archive, Asker(http, deadline))
        return StaticReader(place, source, shared, http.stop.wait, needs_issuers=False)
    by_rfc6962 = Rfc6962Reader(place.url, http, deadline)
    if place.kind == "static":
        return StaticReader(place, HttpSource(place.url, http, deadline), shared, http.stop.wait, by_rfc6962)
    return by_rfc6962
