"""Reading a log over HTTP: bounded, polite, every failure turned into an error that says what to do next.

``Http`` is one connection pool behind a Gate; ``Rfc6962Reader`` speaks RFC 6962 section 4. Other kinds of log
get readers with the same methods (``LogReader``).
"""

import email.utils
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlencode, urljoin, urlsplit

import pybase64
import requests
import urllib3

from ctcollect import __version__
from ctcollect.catalogue import is_local_url
from ctcollect.connections import BreakableAdapter
from ctcollect.egress import Egress
from ctcollect.errors import (
    BadAnswer,
    ConfigurationError,
    CtcollectError,
    LogUnavailable,
    MalformedEntry,
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
    InclusionProof,
    SignedTreeHead,
    parse_get_entry_and_proof,
    parse_get_proof_by_hash,
    parse_get_sth,
    parse_get_sth_consistency,
)
from ctcollect.question import PARTIAL_CONTENT, Part, Question, as_json, as_part, as_plain, check_is_part, excerpt
from ctcollect.settings import Settings
from ctcollect.stop import Stop

logger = logging.getLogger(__name__)

READ_BYTES = 2**18
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
        self._prepared: dict[str, requests.PreparedRequest] = {}
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["User-Agent"] = user_agent(settings)
        self.session.headers["Accept-Encoding"] = "gzip"
        if not gate.keep_alive:
            self.session.headers["Connection"] = "close"

    def close(self) -> None:
        for adapter in self._adapters.values():
            adapter.close()

    def get_json(self, url: str, params: Mapping[str, str | int], deadline: float) -> Any:
        """The decoded JSON of a 200 answer. ``deadline`` is on the monotonic clock."""
        return self._fetch(Question(url, self._request(url, params), as_json), deadline)

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
            with self._send(question.request, pace.egress) as response:
                latency_seconds = pace.clock() - sent_at
                check_is_part(question, response)
                # A body may come after the deadline by as long as one read may take, and no longer.
                body = self._read(response, deadline + self.settings.read_timeout_seconds)
        except (urllib3.exceptions.ProtocolError, urllib3.exceptions.DecodeError) as error:
            raise BadAnswer(f"{url} cut its answer off: {error}") from None
        except requests.exceptions.ProxyError as error:
            raise ProxyUnavailable(f"the proxy {pace.egress} does not answer: {_cause(error)}") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise LogUnavailable(f"{urlsplit(url).hostname} does not answer: {_cause(error)}") from None
        finally:
            if not self.gate.keep_alive:
                self.close()
        if response.status_code != question.status:
            self._refuse(url, response, body, pace, sent_at)
        document = question.decode(url, body, response.headers)
        pace.good(latency_seconds)
        return document

    def _request(self, url: str, params: Mapping[str, str | int]) -> requests.PreparedRequest:
        """Headers and address are prepared once a url: at 32 entries an answer that saves a sixth of all work."""
        if url not in self._prepared:
            self._prepared[url] = self.session.prepare_request(requests.Request("GET", url))
        request = self._prepared[url].copy()
        request.url = f"{request.url}?{urlencode(params)}" if params else request.url
        return request

    def _send(self, request: requests.PreparedRequest, egress: Egress) -> requests.Response:
        """Not by Session.send, which reads the body of a redirect whole, however large, and keeps cookies."""
        timeouts = (self.settings.connect_timeout_seconds, self.settings.read_timeout_seconds)
        if egress not in self._adapters:
            public_only = not self.settings.allow_local_logs
            self._adapters[egress] = BreakableAdapter(self.stop, egress, public_only)
        adapter = self._adapters[egress]
        return adapter.send(request, stream=True, timeout=timeouts, proxies=adapter.proxies)

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

    def _refuse(self, url: str, response: requests.Response, body: bytearray, pace: Pace, sent_at: float) -> None:
        status = response.status_code
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


class Rfc6962Reader:
    """A log that speaks RFC 6962 (section 4). ``deadline`` (monotonic) bounds every wait for a turn."""

    def __init__(self, url: str, http: Http, deadline: float = float("inf")) -> None:
        check_url(url, http.settings)
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

    def audit_path(self, index: int, leaf_hash: bytes, tree_size: int) -> tuple[bytes, ...]:
        """4.5: the path of the leaf with this hash; BadAnswer when the log finds it elsewhere than at ``index``."""
        proof = self.inclusion_proof(leaf_hash, tree_size)
        if proof.leaf_index != index:
            raise BadAnswer(f"{self.base}get-proof-by-hash: the leaf of {index} is at {proof.leaf_index}")
        return proof.audit_path

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
