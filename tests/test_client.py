"""Reading a log over HTTP: bounded, polite, every failure an error that says what to do next."""

import gzip
import itertools
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ctcollect.certificate_authority import CA_FILE, SERVER_FILE, SERVER_KEY_FILE, make_authority
from ctcollect.client import READ_BYTES, Http, parse_retry_after
from ctcollect.errors import (
    BadAnswer,
    ConfigurationError,
    CtcollectError,
    LogUnavailable,
    NotThere,
    NotYet,
    OutOfTime,
    Throttled,
)
from ctcollect.host_gates import gate_for
from ctcollect.pace import Gate, Gates, Pace
from ctcollect.readers.rfc6962 import Rfc6962Reader
from ctcollect.settings import Settings
from tests.raw_server import RawServer, http_answer

LOCAL = Settings(
    allow_local_logs=True, contact="researcher@example.org", read_timeout_seconds=5, connect_timeout_seconds=5
)
ONE_ENTRY = orjson.dumps({"entries": [{"leaf_input": "AAAA", "extra_data": "AAAB"}]})


@contextmanager
def reading(
    answer: Callable[[str], Any], seconds: float = 5.0, settings: Settings = LOCAL
) -> Iterator[tuple[RawServer, Rfc6962Reader]]:
    """A server with these answers and a reader of it that has ``seconds``."""
    with RawServer(answer) as server:
        http = Http(settings, Gate([Pace(1e5, 1e5)]))
        yield server, Rfc6962Reader(server.url, http, time.monotonic() + seconds)
        http.close()


def with_limits(**limits: Any) -> Settings:
    return Settings(allow_local_logs=True, **limits)


@pytest.mark.parametrize(
    "url",
    [
        "http://ct.example.com/log/",
        "https://127.0.0.1/log/",
        "https://[::1]/log/",
        "https://10.1.2.3/log/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/log/",
        "file:///etc/passwd",
        "https:///log/",
    ],
)
def test_local_urls_are_refused(url: str) -> None:
    """Without the switch for local logs only https on a public address is asked."""
    with pytest.raises(ConfigurationError, match="CTCOLLECT_ALLOW_LOCAL_LOGS"):
        Rfc6962Reader(url, Http(Settings(), Gate([Pace(1, 1)])))


def test_a_name_that_leads_into_a_private_network_is_refused() -> None:
    """The addresses behind a name count, not only what the name looks like."""
    http = Http(Settings(), Gate([Pace(1e5, 1e5)]))
    with pytest.raises(ConfigurationError, match="not a public address"):
        http.get_json("https://localhost:1/", {}, float("inf"))


def test_even_a_local_log_is_http() -> None:
    """The switch for local logs opens http and private addresses, nothing else."""
    with pytest.raises(ConfigurationError, match="not an http or https address"):
        Rfc6962Reader("ftp://127.0.0.1/log/", Http(LOCAL, Gate([Pace(1, 1)])))


def test_a_request_says_who_asks_and_for_what() -> None:
    """The User-Agent carries the contact, compression is welcome, the range's end is inclusive."""
    with reading(lambda path: http_answer(ONE_ENTRY)) as (server, reader):
        answer = reader.entries(64, 96)
    assert answer.leaf_inputs == [b"\0\0\0"]
    assert answer.extra_data(0) == b"\0\0\1"
    head = server.requests[0]
    assert head.startswith("GET /log/ct/v1/get-entries?start=64&end=95 HTTP/1.1\r\n")
    assert "researcher@example.org" in head.partition("User-Agent: ")[2].partition("\r\n")[0]
    assert "Accept-Encoding: gzip\r\n" in head


def test_a_hash_survives_the_way_into_the_url() -> None:
    """The + and = of base64 are escaped in a query."""
    proof = orjson.dumps({"leaf_index": 3, "audit_path": []})
    with reading(lambda path: http_answer(proof)) as (server, reader):
        assert reader.inclusion_proof(b"\xfb" * 32, 10).leaf_index == 3
    assert "hash=%2B%2F" in server.requests[0]
    assert "tree_size=10" in server.requests[0]


def test_one_connection_serves_many_requests() -> None:
    """Connections are kept: operators ask for that before anything else. Errors with a whole body keep it too."""
    answers = itertools.cycle([http_answer(ONE_ENTRY), http_answer(b"busy", "503 Service Unavailable")])
    with reading(lambda path: next(answers)) as (server, reader):
        for _ in range(3):
            reader.entries(0, 1)
            with pytest.raises(Throttled):
                reader.entries(0, 1)
            reader.http.gate = Gate([Pace(1e5, 1e5)])
    assert server.connections == 1
    assert reader.http.requests == 6
    assert reader.http.throttled == 3
    assert reader.http.received_bytes == 3 * (len(ONE_ENTRY) + len(b"busy"))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        ("429 Too Many Requests", b"", Throttled),
        ("503 Service Unavailable", b"<html>", Throttled),
        ("500 Internal Server Error", b"oops", LogUnavailable),
        ("502 Bad Gateway", b"", LogUnavailable),
        ("400 Bad Request", b"need tree size: 9 to get leaves but only got: 8", NotYet),
        ("400 Bad Request", b"bad range", BadAnswer),
        ("403 Forbidden", b"received message larger than max", BadAnswer),
        ("404 Not Found", b"", NotThere),
        ("200 OK", b"<html>Please log in</html>", BadAnswer),
        ("200 OK", b'{"entries": [', BadAnswer),
        ("200 OK", b"", BadAnswer),
    ],
)
def test_each_failure_says_what_to_do_next(status: str, body: bytes, error: type[CtcollectError]) -> None:
    """Status and body decide the class of the error; its text is one line."""
    with reading(lambda path: http_answer(body, status)) as (_, reader), pytest.raises(error) as caught:
        reader.entries(0, 8)
    assert type(caught.value) is error
    assert len(str(caught.value).splitlines()) == 1


def test_a_refusal_sets_the_hosts_pace() -> None:
    """Retry-After goes to the pace that all logs of the host share: a turn before it is out of time."""
    busy = http_answer(b"", "429 Too Many Requests", "Retry-After: 100")
    with reading(lambda path: busy) as (server, reader):
        with pytest.raises(Throttled) as caught:
            reader.entries(0, 8)
        with pytest.raises(OutOfTime):
            reader.entries(0, 8)
    assert caught.value.retry_after_seconds == 100
    assert len(server.requests) == 1


def test_nobody_there() -> None:
    """A port that nobody listens on is a log that does not answer; the line says why and nothing of our own objects."""
    with RawServer(lambda path: []) as server:
        url = server.url
    with pytest.raises(LogUnavailable, match=r"^127\.0\.0\.1 does not answer: Connection refused$"):
        Rfc6962Reader(url, Http(LOCAL, Gate([Pace(1e5, 1e5)]))).entries(0, 8)


def test_a_redirect_is_not_followed() -> None:
    """Where it points is never asked: a log's address is what its list says."""
    moved = http_answer(b"moved", "302 Found", "Location: /elsewhere")
    with reading(lambda path: moved) as (server, reader), pytest.raises(BadAnswer, match="302"):
        reader.entries(0, 8)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["200 OK", "302 Found\r\nLocation: /elsewhere", "500 Oops"])
def test_an_answer_has_a_largest_size(status: str) -> None:
    """A body without end is broken off at the cap, whatever its status."""
    head = f"HTTP/1.1 {status}\r\n\r\n".encode()
    endless = itertools.chain([head], itertools.repeat(b"x" * 10_000))
    with (
        reading(lambda path: endless, settings=with_limits(answer_max_bytes=100_000)) as (_, reader),
        pytest.raises(BadAnswer, match="larger than 100000 bytes"),
    ):
        reader.entries(0, 8)
    assert reader.http.received_bytes <= 100_000 + READ_BYTES


def test_compression_does_not_get_round_the_largest_size() -> None:
    """The cap counts the bytes after decompression, and is met long before a bomb is unpacked."""
    bomb = gzip.compress(bytes(50_000_000))
    with (
        reading(
            lambda path: http_answer(bomb, "200 OK", "Content-Encoding: gzip"),
            settings=with_limits(answer_max_bytes=1_000_000),
        ) as (_, reader),
        pytest.raises(BadAnswer, match="larger than"),
    ):
        reader.entries(0, 8)
    assert reader.http.received_bytes <= 1_000_000 + READ_BYTES


def test_a_compressed_answer_is_unpacked() -> None:
    """What the log compresses is read as if it had not."""
    packed = gzip.compress(ONE_ENTRY)
    with reading(lambda path: http_answer(packed, "200 OK", "Content-Encoding: gzip")) as (_, reader):
        assert reader.entries(0, 1).leaf_inputs == [b"\0\0\0"]


def test_a_body_that_drips_is_given_up() -> None:
    """Bytes that come one by one keep no one beyond the deadline and one read's time."""

    def drip(path: str) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
        for _ in range(200):
            time.sleep(0.02)
            yield b"{"

    started_at = time.monotonic()
    with (
        reading(drip, seconds=0.2, settings=with_limits(read_timeout_seconds=0.2)) as (_, reader),
        pytest.raises(BadAnswer, match="too long"),
    ):
        reader.entries(0, 8)
    assert time.monotonic() - started_at < 2


entry_like: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {}, optional={"leaf_input": st.sampled_from(["AAAA", "A", "A!==", "é", 5, None, []]), "extra_data": st.just("AAAA")}
)
entries_like = (
    st.lists(entry_like | st.none() | st.text(max_size=3), max_size=4) | st.integers(0, 9) | st.text(max_size=3)
)


@pytest.fixture(scope="module")
def scripted() -> Iterator[tuple[list[bytes], Rfc6962Reader]]:
    """A reader of whatever body stands in the list."""
    body = [b""]
    with reading(lambda path: http_answer(body[0]), seconds=120) as (_, reader):
        yield body, reader


@hypothesis_settings(max_examples=150)
@given(document=st.fixed_dictionaries({}, optional={"entries": entries_like}) | entries_like)
def test_odd_entries_are_a_bad_answer(scripted: tuple[list[bytes], Rfc6962Reader], document: Any) -> None:
    """Any JSON gives at most as many entries as were asked for, at least one, or BadAnswer."""
    body, reader = scripted
    body[0] = orjson.dumps(document)
    try:
        answer = reader.entries(0, 2)
    except BadAnswer:
        return
    assert 0 < len(answer.leaf_inputs) <= 2
    assert all(leaf_input == b"\0\0\0" for leaf_input in answer.leaf_inputs)
    assert all(isinstance(answer.extra_data(at), bytes) for at in range(len(answer.leaf_inputs)))


GOOD_ENTRY = {"leaf_input": "AAAA", "extra_data": "AAAA"}


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [GOOD_ENTRY] * 3,
        [GOOD_ENTRY, {"extra_data": "AAAA"}],
        [GOOD_ENTRY, {"leaf_input": "AAAA!"}],
        [GOOD_ENTRY, {"leaf_input": "AAA"}],
        [GOOD_ENTRY, "AAAA"],
        {"leaf_input": "AAAA"},
    ],
)
def test_an_answer_is_taken_whole_or_not_at_all(scripted: tuple[list[bytes], Rfc6962Reader], entries: Any) -> None:
    """None, more than asked for, or one that is not base64: ask again, for no position may slip."""
    body, reader = scripted
    body[0] = orjson.dumps({"entries": entries})
    with pytest.raises(BadAnswer):
        reader.entries(0, 2)


NOW = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Thu, 01 Oct 2026 12:00:30 GMT", 30.0),
        ("Thursday, 01-Oct-26 12:00:30 GMT", 30.0),
        ("Thu, 01 Oct 2026 11:59:00 GMT", 0.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("120\x1f", None),
        ("²", None),
        ("٣", None),
        ("Thu, 01 Oct 2026 12:00:30", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    """Seconds or an HTTP date; a date that is past means now; anything else is as if it were absent."""
    assert parse_retry_after(value, NOW) == seconds


@given(
    st.text(st.characters(max_codepoint=255))
    | st.from_regex(r"[A-Z][a-z]{2}, [0-9]{1,6} [A-Z][a-z]{2} [0-9]{1,6} [0-9:]{1,9} [-+0-9GMT]{1,6}")
)
def test_any_retry_after_is_seconds_or_nothing(value: str) -> None:
    """No header of a log makes the reader fail."""
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or seconds >= 0


def test_logs_of_one_host_share_a_gate() -> None:
    """Two logs of a host have one pace, below its operator's ceiling and the friend's own; a local log is free."""
    gates = Gates()
    calm = gate_for(gates, "https://ct.example.com/a/", "google", Settings())
    assert calm is gate_for(gates, "https://CT.example.com/b/", "google", Settings())
    assert 0 < calm.paces[0].per_second < calm.paces[0].ceiling_per_second <= 20
    bound = gate_for(gates, "https://other.example.com/", "google", Settings(pace_ceiling_per_second=1.5))
    assert bound.paces[0].per_second == bound.paces[0].ceiling_per_second == 1.5
    assert gate_for(gates, "http://127.0.0.1:8600/x/", "google", Settings()).paces[0].per_second >= 10_000


def test_the_owner_of_a_machine_decides_about_a_host() -> None:
    """The first pattern that fits counts, above or below the catalogue's; the general ceiling binds always."""
    settings = Settings(
        host_paces=(("*.example.com", 0.5), ("*", 50.0)), hosts_without_keep_alive="*.example.com", requests_in_flight=3
    )
    gates = Gates()
    slow = gate_for(gates, "https://ct.example.com:8443/", "google", settings)
    fast = gate_for(gates, "https://ct.example.net/", "google", settings)
    assert (slow.paces[0].ceiling_per_second, slow.keep_alive, slow.in_flight) == (0.5, False, 3)
    assert (fast.paces[0].ceiling_per_second, fast.keep_alive) == (50.0, True)
    limits = replace(settings, pace_ceiling_per_second=7.0, pace_start_per_second=3.0)
    bound = gate_for(Gates(), "https://ct.example.net/", "google", limits)
    assert (bound.paces[0].per_second, bound.paces[0].ceiling_per_second) == (3.0, 7.0)


def test_a_log_over_tls_must_prove_who_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate of an unknown authority is refused, though the system may know it: certifi's list alone counts."""
    make_authority(tmp_path, ["127.0.0.1"], 30)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / SERVER_FILE, tmp_path / SERVER_KEY_FILE)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / CA_FILE))
    with reading(lambda path: http_answer(ONE_ENTRY)) as (server, reader):
        server.socket = context.wrap_socket(server.socket, server_side=True)
        reader.base = reader.base.replace("http:", "https:")
        with pytest.raises(LogUnavailable, match="certificate verify failed"):
            reader.entries(0, 1)
        monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(tmp_path / CA_FILE))
        reader.http.close()
        assert reader.entries(0, 1).leaf_inputs == [b"\0\0\0"]


def test_keep_alive_can_be_switched_off() -> None:
    """Each request then has a connection of its own, and says so."""
    with RawServer(lambda path: http_answer(ONE_ENTRY)) as server:
        http = Http(LOCAL, Gate([Pace(1e5, 1e5)], keep_alive=False))
        for _ in range(3):
            Rfc6962Reader(server.url, http).entries(0, 1)
    assert server.connections == 3
    assert all("Connection: close\r\n" in head for head in server.requests)
