"""What goes in and out of the local log's endpoints, before and after HTTP."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from ctcollect.errors import CtcollectError
from ctcollect.local_log.log import LocalLog

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html"
BINARY = "application/octet-stream"
CERTIFICATE = "application/pkix-cert"


@dataclass(frozen=True, slots=True)
class Request:
    """One call of ``endpoint`` ("get-sth" ...) of a log.

    ``path`` is a file's, when it is no method of RFC 6962; ``origin`` in whose name checkpoints are signed.
    ``tree_size``: what the front end that answers knows of the log. ``client``: its address, without port.
    """

    log: LocalLog
    endpoint: str
    query: Mapping[str, str]
    client: str
    tree_size: int
    max_entries: int
    align: bool
    path: str = ""
    origin: str = ""


class Refused(CtcollectError):
    """A request that gets another status than 200."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. ``cut_at``: bytes of the body to send before the connection breaks, None for all.

    With ``reset`` nothing is sent at all. ``entries``: how many log entries the body holds.
    """

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    entries: int = 0
    cut_at: int | None = None
    reset: bool = False


Respond = Callable[[Request], Answer]
