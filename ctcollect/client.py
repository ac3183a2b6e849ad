"""Reading a log over HTTP: bounded, polite, every failure turned into an error that says what to do next.

``Http`` is one connection pool with a pace; ``Rfc6962Reader`` speaks RFC 6962 section 4. Other kinds of log
get readers with the same methods (``LogReader``).
"""

import email.utils
import socket
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import orjson
import pybase64
import requests
import urllib3

from ctcollect import __version__
from ctcollect.catalogue import is_local_url, is_public_address, operator_of
from ctcollect.connections import BreakableAdapter
from ctcollect.errors import (
    BadAnswer,
    ConfigurationError,
    CtcollectError,
    LogUnavailable,
    MalformedEntry,
    NotYet,
    OutOfTime,
    Throttled,
)
from ctcollect.pace import Pace, Paces
from ctcollect.protocol.rfc6962 import (
    EntryAndProof,
    InclusionProof,
    SignedTreeHead,
    parse_get_entry_and_proof,
    parse_get_proof_by_hash,
    parse_get_sth,
    parse_get_sth_consistency,
)
from ctcollect.settings import Settings
from ctcollect.stop import Stop

READ_BYTES = 2**18
THROTTLED_STATUS = (429, 503)
MAX_ERROR_TEXT = 120
LOCAL_PER_SECOND = 100_000.0


class Answer:
    """Entries of one get-entries answer: every leaf decoded, extra_data only when asked for."""

    def __init__(self, entries: list[dict[str, str]]) -> None:
        self.leaf_inputs = [_decode(entry.pop("leaf_input")) for entry in entries]
        self._entries = entries

    def extra_data(self, position: int) -> bytes:
        """The extra_data of the entry at ``position`` of this answer; b"" when it is not base64."""
        try:
            return _decode(self._entries[position]["extra_data"])
        except (KeyError, TypeError, ValueError):
            return b""


def _decode(text: str) -> bytes:
    return pybase64.b64decode(text, None, True)  # altchars, validate: the strict way is also the fast one


class LogReader(Protocol):
    """What collecting and auditing need of a log, whatever it speaks."""

    def tree_head(self) -> SignedTreeHead: ...

    def entries(self, start: int, end: int) -> Answer: ...

    def inclusion_proof(self, leaf_hash: bytes, tree_size: int) -> InclusionProof: ...

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


def check_addresses(host: str) -> None:
    """ConfigurationError if a name leads to an address that is not public; LogUnavailable if it leads nowhere."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise LogUnavailable(f"{host} has no address: {error}") from None
    for *_, address in found:
        if not is_public_address(str(address[0])):
            raise ConfigurationError(f"{host} leads to {address[0]}, which is not a public address: refused")


def pace_for(paces: Paces, url: str, queue: str, settings: Settings) -> Pace:
    """The pace of the host of ``url``: its operator's, below the ceiling of the settings.

    A log of one's own (a local url) is free of limits until it objects.
    """
    operator, ceiling = operator_of(queue), settings.pace_ceiling_per_second or LOCAL_PER_SECOND
    host = urlsplit(url).netloc.lower()
    if is_local_url(url):
        return paces.of(host, LOCAL_PER_SECOND, ceiling)
    highest = min(ceiling, operator.requests_per_second_ceiling)
    return paces.of(host, operator.requests_per_second_start, highest)


def user_agent(settings: Settings) -> str:
    """Operators ask for a name and a contact address."""
    contact = f"; {settings.contact}" if settings.contact else ""
    return f"ctcollect/{__version__} (collects .jp certificates for research{contact})"


class Http:
    """One session to log hosts. Not thread-safe: one a thread; the Pace is shared. Counts what it does.

    Once ``stop`` is set every request, also one in flight, ends with OutOfTime.
    """

    def __init__(self, settings: Settings, pace: Pace, stop: Stop | None = None) -> None:
        self.settings = settings
        self.pace = pace
        self.stop = stop or Stop()
        self.requests = 0
        self.throttled = 0
        self.received_bytes = 0
        self._checked_hosts: set[str] = set()
        self._prepared: dict[str, requests.PreparedRequest] = {}
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["User-Agent"] = user_agent(settings)
        self.session.headers["Accept-Encoding"] = "gzip"
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, BreakableAdapter(self.stop, only_public=not settings.allow_local_logs))

    def close(self) -> None:
        self.session.close()

    def check_host(self, host: str) -> None:
        """Refuse, before the first request, a host whose name leads into a private network."""
        if not self.settings.allow_local_logs and host not in self._checked_hosts:
            check_addresses(host)
            self._checked_hosts.add(host)

    def get_json(self, url: str, params: Mapping[str, str | int], deadline: float) -> Any:
        """The decoded JSON of a 200 answer. ``deadline`` is on the monotonic clock."""
        if not self.pace.wait(deadline):
            raise OutOfTime(f"{urlsplit(url).hostname} gives no turn before this work must end")
        self._check_stop()
        try:
            body = self._get(url, params, deadline)
        except CtcollectError:
            self._check_stop()  # it was broken off here: the log is not to blame
            raise
        try:
            document = orjson.loads(body)
        except ValueError:
            raise BadAnswer(f"{url} answered with something that is not JSON: {_excerpt(body)}") from None
        self.pace.good()
        return document

    def _check_stop(self) -> None:
        if self.stop.is_set():
            raise OutOfTime("this worker is being stopped")

    def _get(self, url: str, params: Mapping[str, str | int], deadline: float) -> bytearray:
        self.requests += 1
        try:
            with self._send(self._request(url, params)) as response:
                # A body may come after the deadline by as long as one read may take, and no longer.
                body = self._read(response, deadline + self.settings.read_timeout_seconds)
        except (urllib3.exceptions.ProtocolError, urllib3.exceptions.DecodeError) as error:
            raise BadAnswer(f"{url} cut its answer off: {error}") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise LogUnavailable(f"{urlsplit(url).hostname} does not answer: {_cause(error)}") from None
        if response.status_code != 200:
            self._refuse(url, response, body)
        return body

    def _request(self, url: str, params: Mapping[str, str | int]) -> requests.PreparedRequest:
        """Headers and address are prepared once a url: at 32 entries an answer that saves a sixth of all work."""
        if url not in self._prepared:
            self._prepared[url] = self.session.prepare_request(requests.Request("GET", url))
        request = self._prepared[url].copy()
        request.url = f"{request.url}?{urlencode(params)}" if params else request.url
        return request

    def _send(self, request: requests.PreparedRequest) -> requests.Response:
        """Not by Session.send, which reads the body of a redirect whole, however large, and keeps cookies."""
        timeouts = (self.settings.connect_timeout_seconds, self.settings.read_timeout_seconds)
        adapter = self.session.get_adapter(request.url or "")
        return adapter.send(request, stream=True, timeout=timeouts, proxies=self.session.proxies)

    def _read(self, response: requests.Response, deadline: float) -> bytearray:
        """The body, decompressed, at most answer_max_bytes; each read takes what has arrived."""
        body = bytearray()
        while piece := response.raw.read1(READ_BYTES, decode_content=True):
            body += piece
            self.received_bytes += len(piece)
            if len(body) > self.settings.answer_max_bytes:
                raise BadAnswer(f"an answer larger than {self.settings.answer_max_bytes} bytes")
            if time.monotonic() > deadline:
                raise BadAnswer("an answer that took too long")
        return body

    def _refuse(self, url: str, response: requests.Response, body: bytearray) -> None:
        status = response.status_code
        if status in THROTTLED_STATUS:
            self.throttled += 1
            retry_after = parse_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            self.pace.throttled(retry_after)
            raise Throttled(f"{urlsplit(url).hostname} answered {status}: slower", retry_after)
        line = f"{url} answered {status}: {_excerpt(body)}"
        if status >= 500:
            raise LogUnavailable(line)
        if status == 400 and b"need tree size" in body:
            raise NotYet(line)
        raise BadAnswer(line)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds from a Retry-After header (RFC 9110 10.2.3: seconds or an HTTP date); None when absent or strange."""
    if not value:
        return None
    if value.isascii() and value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, (email.utils.parsedate_to_datetime(value) - now).total_seconds())
    except (TypeError, ValueError, OverflowError):
        return None


def _excerpt(body: bytearray) -> str:
    text = body[:MAX_ERROR_TEXT].decode("utf-8", "replace")
    return " ".join(text.split()) or "(an empty body)"


def _cause(error: BaseException) -> str:
    """The innermost reason: requests and urllib3 wrap the plain one three times."""
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    reason = getattr(error, "reason", None)
    return _cause(reason) if isinstance(reason, BaseException) else str(error) or type(error).__name__


class Rfc6962Reader:
    """A log that speaks RFC 6962 (section 4). ``deadline`` (monotonic) bounds every wait for a turn."""

    def __init__(self, url: str, http: Http, deadline: float = float("inf")) -> None:
        check_url(url, http.settings)
        http.check_host(urlsplit(url).hostname or "")
        self.base = url.rstrip("/") + "/ct/v1/"
        self.http = http
        self.deadline = deadline

    def _get(self, method: str, **params: str | int) -> Any:
        return self.http.get_json(self.base + method, params, self.deadline)

    def tree_head(self) -> SignedTreeHead:
        """4.3 get-sth. The signature is not checked here."""
        return _shaped(parse_get_sth, self._get("get-sth"))

    def entries(self, start: int, end: int) -> Answer:
        """4.6 get-entries for [start, end): at least one entry and never more than asked, else BadAnswer."""
        document = self._get("get-entries", start=start, end=end - 1)
        try:
            found = document["entries"]
            count = len(found)
            answer = Answer(found)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadAnswer(f"{self.base}get-entries: not entries: {error!r:.100}") from None
        if not 0 < count <= end - start:
            raise BadAnswer(f"{self.base}get-entries: {count} entries for {end - start}")
        return answer

    def inclusion_proof(self, leaf_hash: bytes, tree_size: int) -> InclusionProof:
        """4.5 get-proof-by-hash."""
        text = pybase64.b64encode_as_string(leaf_hash)
        return _shaped(parse_get_proof_by_hash, self._get("get-proof-by-hash", hash=text, tree_size=tree_size))

    def entry_and_proof(self, index: int, tree_size: int) -> EntryAndProof:
        """4.8 get-entry-and-proof."""
        document = self._get("get-entry-and-proof", leaf_index=index, tree_size=tree_size)
        return _shaped(parse_get_entry_and_proof, document)

    def consistency_proof(self, first_size: int, second_size: int) -> tuple[bytes, ...]:
        """4.4 get-sth-consistency."""
        document = self._get("get-sth-consistency", first=first_size, second=second_size)
        return _shaped(parse_get_sth_consistency, document)


def _shaped(parse: Any, document: object) -> Any:
    try:
        return parse(document)
    except MalformedEntry as error:
        raise BadAnswer(str(error)) from None
