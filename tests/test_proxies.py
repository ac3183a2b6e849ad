"""Proxies: each is a way out with a pace and health of its own; what they cost in trouble costs no entry."""

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ctcollect.client import Http
from ctcollect.collect import Collector
from ctcollect.egress import DIRECT, Egress, parse_egress, parse_egresses
from ctcollect.errors import ConfigurationError, CtcollectError, LogUnavailable, OutOfTime, ProxyUnavailable
from ctcollect.harvest import Order
from ctcollect.local_log import LocalLog, LocalLogServer
from ctcollect.pace import Gate, Pace
from ctcollect.readers.rfc6962 import Rfc6962Reader
from ctcollect.settings import Settings, load
from ctcollect.stop import Stop
from tests.proxies import CREDENTIALS, PASSWORD, HttpProxy, Proxy, SocksProxy

LOCAL = Settings(allow_local_logs=True, connect_timeout_seconds=5, read_timeout_seconds=5, task_seconds=10)
ENTRIES = 512
FOREVER = float("inf")


@pytest.fixture(scope="module")
def server() -> Iterator[LocalLogServer]:
    with LocalLogServer([LocalLog.generate("demo", ENTRIES, 3)], max_entries=32) as server:
        yield server


@pytest.fixture(params=[HttpProxy, SocksProxy])
def proxy(request: pytest.FixtureRequest) -> Iterator[Proxy]:
    with request.param() as proxy:
        yield proxy


def egresses(*urls: str) -> tuple[Egress, ...]:
    return parse_egresses(",".join(urls))


def http_by(*urls: str, settings: Settings = LOCAL, stop: Stop | None = None) -> Http:
    return Http(settings, Gate([Pace(1e5, 1e5, egress) for egress in egresses(*urls)]), stop)


def order(server: LocalLogServer) -> Order:
    log = server.logs["demo"]
    return Order(log.log_id_hex, "demo", server.log_url("demo"), "rfc6962", "google", 0, ENTRIES, 32)


def test_requests_go_through_a_proxy(server: LocalLogServer, proxy: Proxy) -> None:
    """With its credentials; and to it alone."""
    reader = Rfc6962Reader(server.log_url("demo"), http_by(proxy.url()))
    assert len(reader.entries(0, 32).leaf_inputs) == 32
    assert set(proxy.asked) == {server.url.removeprefix("http://").rstrip("/")}


def test_https_goes_through_a_tunnel(proxy: Proxy) -> None:
    """CONNECT or SOCKS first, then TLS with the log: what answers without it is the log's fault, not the proxy's."""
    with LocalLogServer([LocalLog.generate("demo", 32, 3)]) as plain, pytest.raises(LogUnavailable, match="SSL"):
        http_by(proxy.url()).get_json(plain.url.replace("http:", "https:"), {}, FOREVER)
    assert len(proxy.asked) == 1


@pytest.mark.parametrize("is_dead", [True, False])
def test_a_tunnel_that_is_refused_is_the_proxys_fault(proxy: Proxy, is_dead: bool) -> None:
    """One that hangs up or wants another password, also before TLS with the log has begun."""
    proxy.is_dead = is_dead
    http = http_by(proxy.url("alice:wrong@"))
    with pytest.raises(ProxyUnavailable, match="none of 1 proxies lets through"):
        http.get_json("https://127.0.0.1:1/", {}, time.monotonic() + 1)
    assert proxy.asked == []


def test_the_environments_proxies_are_not_used(server: LocalLogServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY and its like are for other programs."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert Rfc6962Reader(server.log_url("demo"), http_by("direct")).entries(0, 32)


@pytest.mark.parametrize("kind", ["nobody listens", "hangs up", "wrong password"])
def test_a_dead_proxy_rests_and_no_entry_is_lost(
    server: LocalLogServer, proxy: Proxy, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is asked once and rested; the other ways carry everything; one calm line says so, without the password."""
    url = proxy.url(CREDENTIALS.replace("3", "5") if kind == "wrong password" else CREDENTIALS)
    proxy.is_dead = kind == "hangs up"
    if kind == "nobody listens":
        proxy.shutdown()
        proxy.server_close()
    collector = Collector(replace(LOCAL, proxies=egresses(url, "direct")))
    (harvest,) = collector.collect(order(server))
    assert (harvest.end, harvest.fault) == (ENTRIES, "")
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "127.0.0.1" in caplog.text
    assert PASSWORD not in caplog.text
    assert "s5cret" not in caplog.text


def test_a_proxy_that_comes_back_is_used_again(
    server: LocalLogServer, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its rest; and until then the request waits, when there is no other way."""
    monkeypatch.setattr("ctcollect.pace.FIRST_REST_SECONDS", 0.5)
    proxy.is_dead = True
    http = http_by(proxy.url())
    reviver = threading.Timer(0.2, lambda: setattr(proxy, "is_dead", False))
    reviver.start()
    started_at = time.monotonic()
    assert Rfc6962Reader(server.log_url("demo"), http).entries(0, 32)
    assert 0.5 <= time.monotonic() - started_at < 4
    reviver.join()
    assert not http.gate.is_resting


def test_when_all_are_dead_no_log_is_blamed(server: LocalLogServer) -> None:
    """The harvest of nothing says that the proxies are to blame, as soon as that is known; the order comes again."""
    urls = ("http://alice:s3cret@127.0.0.1:1", "socks5h://alice:s3cret@127.0.0.1:1")
    collector = Collector(replace(LOCAL, proxies=egresses(*urls), task_seconds=2))
    (harvest,) = collector.collect(order(server))
    assert (len(harvest.span), harvest.fault_kind) == (0, ProxyUnavailable.__name__)
    assert "s3cret" not in harvest.fault


def test_a_name_is_looked_up_by_the_proxy_alone() -> None:
    """With http and socks5h the name goes to the proxy as it is: nothing here asks for it, or judges where it leads."""
    log = LocalLog.generate("demo", 32, 3)
    with LocalLogServer([log]) as server:
        ports = {"log.only.the.proxy.knows.jp": int(server.url.rstrip("/").rpartition(":")[2])}
        with HttpProxy(ports) as http, SocksProxy(ports) as socks:
            for url in (http.url(), socks.url(scheme="socks5h")):
                reader = Rfc6962Reader("http://log.only.the.proxy.knows.jp/demo/", http_by(url))
                assert len(reader.entries(0, 32).leaf_inputs) == 32
            assert http.asked == socks.asked == ["log.only.the.proxy.knows.jp:80"]


def test_a_name_that_is_looked_up_here_must_lead_to_a_public_address(proxy: Proxy) -> None:
    """socks5 hands over an address: a private one is refused before the proxy hears of it. A proxy may be local."""
    strict = replace(LOCAL, allow_local_logs=False)
    if proxy.scheme == "socks5":
        with pytest.raises(ConfigurationError, match="not a public address"):
            http_by(proxy.url(), settings=strict).get_json("https://localhost:1/", {}, FOREVER)
        assert proxy.asked == []
    else:
        with pytest.raises(CtcollectError):
            http_by(proxy.url(), settings=strict).get_json("https://localhost:1/", {}, time.monotonic() + 1)
        assert proxy.asked == ["localhost:1"]


def test_a_stop_breaks_off_what_waits_for_a_proxy(proxy: Proxy) -> None:
    """A proxy that accepts and says nothing holds no worker."""
    proxy.is_silent = True
    stop = Stop()
    with LocalLogServer([LocalLog.generate("demo", 32, 3)]) as server:
        http = http_by(proxy.url(), stop=stop)
        threading.Timer(0.5, stop.set).start()
        started_at = time.monotonic()
        with pytest.raises(OutOfTime):
            http.get_json(f"{server.log_url('demo')}ct/v1/get-sth", {}, FOREVER)
    assert time.monotonic() - started_at < 1.5


@pytest.mark.parametrize(
    "url",
    [
        "ftp://u:s3cret@host:1",
        "u:s3cret@host:1",
        "http://u:s3cret@host:99999",
        "http://u:s3cret@",
        "socks5://u:s3cret@host:x",
        "https://u:s3cret@[::1",
        "http://u:s3cret@ho st:1",
        "http://u:s3cret@host:0",
    ],
)
def test_a_wrong_proxy_is_told_without_its_password(url: str) -> None:
    """One line that names the setting and what to write."""
    with pytest.raises(ConfigurationError, match=r"CTCOLLECT_PROXIES: .* is no proxy: write") as caught:
        load({"CTCOLLECT_PROXIES": f"direct,{url}"})
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_shows_credentials() -> None:
    """Settings and egresses can be printed; a proxy is told from another by scheme, host and port."""
    egress = parse_egress(f"socks5h://{CREDENTIALS}[2001:db8::1]:1080")
    settings = load({"CTCOLLECT_PROXIES": egress.url, "CTCOLLECT_BROKER_URL": f"redis://{CREDENTIALS}host/0"})
    assert str(egress) == "socks5h://[2001:db8::1]:1080"
    assert egress.credentials == ("alice", PASSWORD)
    for shown in (repr(egress), repr(settings), repr(Pace(1, 1, egress))):
        assert "s3cret" not in shown
    assert parse_egresses(" direct , DIRECT,") == (DIRECT,) == parse_egresses("")
