"""Reading a log over HTTP: bounded, polite, every failure turned into an error that says what to do next.

``Http`` is one connection pool behind a Gate. What a kind of log speaks is its reader's business (ctcollect/readers);
all have the methods of ``LogReader``.
"""

import email.utils
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

import requests
import urllib3
from urllib3.response import HTTPResponse

from ctcollect import __version__
from ctcollect.catalogue import is_local_url
from ctcollect.connections import BreakableAdapter
from ctcollect.egress import Egress
from ctcollect.errors import (
    BadAnswer,
    ConfigurationError,
    CtcollectError,
    LogUnavailable,
    Moved,
    NotThere,
    NotYet,
    OutOfTime,
    ProxyUnavailable,
    Throttled,
)
from ctcollect.pace import Gate, Pace
from ctcollect.protocol.rfc6962 import (
    EntryAndProof,
    SignedTreeHead,
)
from ctcollect.question import (
    PARTIAL_CONTENT,
    Decode,
    Part,
    Question,
    as_json,
    as_part,
    as_plain,
    check_is_part,
    excerpt,
)
from ctcollect.route import Route, origin_of
from ctcollect.settings import Settings
from ctcollect.stop import Stop

logger = logging.getLogger(__name__)

READ_BYTES = 2**18
USUAL_BYTES = 2**21
MOST_ROUTES = 10  # as many pools as requests' adapter keeps
THROTTLED_STATUS = (429, 503)
NOT_THERE_STATUS = (404, 410)
MOVED_STATUS = (301, 302, 303, 307, 308)
PROXY_AUTHENTICATION_REQUIRED = 407
# Of a log on http://, whose requests a proxy answers itself when it gets nothing from the log.
PROXY_GATEWAY_STATUS = (502, 504)


class Entries(Protocol):
    """Consecutive entries of a log: every leaf, and extra_data (RFC 6962 4.6) only when asked for."""

    leaf_inputs: list[bytes]

    def extra_data(self, position: int) -> bytes: ...


class LogReader(Protocol):
    """What collecting and auditing need of a log, whatever it speaks."""

    def tree_head(self) -> SignedTreeHead: ...

    def entries(self, start: int, end: int) -> Entries: ...

    def audit_path(self, index: int, leaf_hash: bytes, tree_size: int) -> tuple[bytes, ...]: ...

    def entry_and_proof(self, index: int, tree_size: int) -> EntryAndProof: ...

    def consistency_proof(self, first_size: int, second_size: int) -> tuple[bytes, ...]: ...


def check_url(url: str, settings: Settings) -> None:
    """ConfigurationError unless ``url`` is https on a public address, or local logs are allowed."""
    if settings.allow_local_logs:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ConfigurationError(f"{url} is not an http or https address")
        return
    if is_local_url(url):
        raise ConfigurationError(
            f"{url} is not https on a public address: set CTCOLLECT_ALLOW_LOCAL_LOGS=1 if this is a log of yours"
        )


def user_agent(settings: Settings) -> str:
    """Operators ask for a name and a contact address."""
    contact = f"; {settings.contact}" if settings.contact else ""
    return f"ctcollect/{__version__} (collects .jp certificates for research{contact})"


class Http:
    """One session to the hosts behind one Gate. Not thread-safe: one a thread; the Gate is shared. Counts what it does.

    Once ``stop`` is set every request, also one in flight, ends with OutOfTime.
    """

    def __init__(self, settings: Settings, gate: Gate, stop: Stop | None = None) -> None:
        self.settings = settings
        self.gate = gate
        self.stop = stop or Stop()
        self.requests = 0
        self.throttled = 0
        self.received_bytes = 0
        self._adapters: dict[Egress, BreakableAdapter] = {}
        self._routes: dict[tuple[str, Egress], Route] = {}
        self._prepared: dict[str, requests.PreparedRequest] = {}
        self._timeout = urllib3.Timeout(connect=settings.connect_timeout_seconds, read=settings.read_timeout_seconds)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["User-Agent"] = user_agent(settings)
        self.session.headers["Accept-Encoding"] = "gzip"
        if not gate.keep_alive:
            self.session.headers["Connection"] = "close"

    def close(self) -> None:
        self._routes.clear()
        for adapter in self._adapters.values():
            adapter.close()

    def get_json(self, url: str, params: Mapping[str, str | int], deadline: float, decode: Decode = as_json) -> Any:
        """The decoded JSON of a 200 answer. ``deadline`` is on the monotonic clock."""
        query = f"?{urlencode(params)}" if params else ""
        return self._fetch(Question(url, self._request(url), decode, query=query), deadline)

    def get_file(self, url: str, deadline: float) -> bytes:
        """The body of a 200 answer; NotThere when the host has no such file."""
        request = self.session.prepare_request(requests.Request("GET", url))
        body: bytes = self._fetch(Question(url, request, as_plain), deadline)
        return body

    def get_part(self, url: str, start: int, end: int, deadline: float) -> Part:
        """The bytes [start, end) of a file, fewer at its end. BadAnswer from a host that gives no parts."""
        headers = {"Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
        request = self.session.prepare_request(requests.Request("GET", url, headers))
        part: Part = self._fetch(Question(url, request, as_part, PARTIAL_CONTENT), deadline)
        if part.start != start or not 0 < len(part.data) <= end - start:
            raise BadAnswer(f"{url} gave other bytes than those that it was asked for")
        return part

    def _fetch(self, question: Question, deadline: float) -> Any:
        """A proxy that fails is rested, and the request goes by the next egress that has a turn."""
        while True:
            with self.gate.turn(deadline, self.stop.wait) as pace:
                self._check_stop()
                if pace is None:
                    raise self._no_turn(question.url)
                try:
                    return self._ask(question, deadline, pace)
                except ProxyUnavailable as error:
                    self._check_stop()
                    self._rest(pace, error)
                except CtcollectError:
                    self._check_stop()  # it was broken off here: the log is not to blame
                    raise

    def _no_turn(self, url: str) -> CtcollectError:
        if self.gate.is_resting:
            return ProxyUnavailable(f"none of {len(self.gate.paces)} proxies lets through: each is tried again later")
        return OutOfTime(f"{urlsplit(url).hostname} gives no turn before this work must end")

    def _rest(self, pace: Pace, error: ProxyUnavailable) -> None:
        logger.warning("%s; it rests for %.0f s", error, pace.unreachable())

    def _check_stop(self) -> None:
        if self.stop.is_set():
            raise OutOfTime("this worker is being stopped")

    def _ask(self, question: Question, deadline: float, pace: Pace) -> Any:
        """One request at its turn; the pace learns what became of it."""
        self.requests += 1
        sent_at = pace.clock()
        url = question.url
        try:
            response = self._send(question, pace.egress)
            latency_seconds = pace.clock() - sent_at
            # A body may come after the deadline by as long as one read may take, and no longer.
            body = self._body(question, response, deadline + self.settings.read_timeout_seconds)
        finally:
            if not self.gate.keep_alive:
                self.close()
        if response.status != question.status:
            self._refuse(url, response, body, pace, sent_at)
        document = question.decode(url, body, response.headers)
        pace.good(latency_seconds)
        return document

    def _request(self, url: str) -> requests.PreparedRequest:
        """Headers and address are prepared once a url, of which only the query changes."""
        if url not in self._prepared:
            self._prepared[url] = self.session.prepare_request(requests.Request("GET", url))
        return self._prepared[url]

    def _send(self, question: Question, egress: Egress) -> HTTPResponse:
        """Until the head of the answer is there; whatever fails before that is no answer."""
        try:
            return self._route(question.request, egress).get(question.request, question.query, self._timeout)
        except urllib3.exceptions.ProxyError as error:
            raise ProxyUnavailable(f"the proxy {egress} does not answer: {_cause(error)}") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _no_answer(question, error) from None

    def _route(self, request: requests.PreparedRequest, egress: Egress) -> Route:
        key = origin_of(request), egress
        if key not in self._routes:
            if len(self._routes) == MOST_ROUTES:
                self._routes.clear()  # an archive leads to ever other hosts; each route holds connections
            self._routes[key] = Route(self._adapter(egress), request)
        return self._routes[key]

    def _adapter(self, egress: Egress) -> BreakableAdapter:
        if egress not in self._adapters:
            public_only = not self.settings.allow_local_logs
            self._adapters[egress] = BreakableAdapter(self.stop, egress, public_only)
        return self._adapters[egress]

    def _body(self, question: Question, response: HTTPResponse, deadline: float) -> bytearray:
        try:
            check_is_part(question, response.status)
            return self._read(response, deadline)
        except (urllib3.exceptions.ProtocolError, urllib3.exceptions.DecodeError) as error:
            raise BadAnswer(f"{question.url} cut its answer off: {error}") from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _no_answer(question, error) from None
        finally:
            response.close()

    def _read(self, response: HTTPResponse, deadline: float) -> bytearray:
        """The body, decompressed, at most answer_max_bytes; each read takes what has arrived."""
        # What grows is copied, and leaves holes: the memory for a usual body is taken in one piece.
        body, size = bytearray(min(response.length_remaining or 0, USUAL_BYTES)), 0
        is_encoded = "Content-Encoding" in response.headers  # urllib3 copies what it would decode, even if it need not
        while piece := response.read1(READ_BYTES, decode_content=is_encoded):
            body[size : size + len(piece)] = piece  # beyond its end it grows
            size += len(piece)
            self.received_bytes += len(piece)
            if size > self.settings.answer_max_bytes:
                raise BadAnswer(f"an answer larger than {self.settings.answer_max_bytes} bytes")
            if time.monotonic() > deadline:
                raise BadAnswer("an answer that took too long")
        del body[size:]
        return body

    def _refuse(self, url: str, response: HTTPResponse, body: bytearray, pace: Pace, sent_at: float) -> None:
        status = response.status
        if _is_of_the_proxy(status, url, pace.egress):
            raise ProxyUnavailable(f"the proxy {pace.egress} answers {status}")
        if status in THROTTLED_STATUS:
            self.throttled += 1
            retry_after = parse_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            pace.throttled(retry_after, sent_at)
            raise Throttled(f"{urlsplit(url).hostname} answered {status}: slower", retry_after)
        line = f"{url} answered {status}: {excerpt(body)}"
        if status >= 500:
            raise LogUnavailable(line)
        if status in NOT_THERE_STATUS:
            raise NotThere(line)
        if status in MOVED_STATUS:
            raise Moved(line, urljoin(url, response.headers.get("Location", "")))
        if status == 400 and b"need tree size" in body:
            raise NotYet(line)
        raise BadAnswer(line)


def _is_of_the_proxy(status: int, url: str, egress: Egress) -> bool:
    """A proxy answers itself only to what it can read: requests to a log on http://."""
    is_read = bool(egress.url) and not egress.is_socks and url.startswith("http://")
    return is_read and status in (PROXY_AUTHENTICATION_REQUIRED, *PROXY_GATEWAY_STATUS)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds from a Retry-After header (RFC 9110 10.2.3: seconds or an HTTP date); None when absent or strange."""
    value = (value or "").strip(" \t")
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(value) - now).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None


def _no_answer(question: Question, error: Exception) -> LogUnavailable:
    return LogUnavailable(f"{urlsplit(question.url).hostname} does not answer: {_cause(error)}")


def _cause(error: BaseException) -> str:
    """The innermost reason: requests and urllib3 wrap the plain one three times, and put connections beside it."""
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        return _cause(reason)
    if isinstance(error, urllib3.exceptions.NewConnectionError) and error.__cause__ is not None:
        error = error.__cause__
    told = error.args[-1] if isinstance(error, urllib3.exceptions.ConnectTimeoutError) else str(error)
    return getattr(error, "strerror", None) or str(told) or type(error).__name__
