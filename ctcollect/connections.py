"""HTTP connections, plain or through a proxy, that a Stop breaks off, whatever they wait for.

A connection that fails on the proxy's side raises ProxyUnavailable, which names the proxy without its credentials;
urllib3 and requests let it pass, for it is none of theirs.
"""

import socket
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException
from typing import Any

import socks
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ctcollect.catalogue import is_public_address
from ctcollect.egress import DIRECT, Egress
from ctcollect.errors import ConfigurationError, ProxyUnavailable
from ctcollect.stop import Stop


@dataclass(frozen=True)
class Way:
    """How the connections of one adapter go. ``public_only``: addresses that are looked up here must be public."""

    stop: Stop
    egress: Egress = DIRECT
    public_only: bool = False


class BreakableAdapter(HTTPAdapter):
    """Requests' own, by one egress, with connections that ``stop`` breaks off."""

    def __init__(self, stop: Stop, egress: Egress = DIRECT, public_only: bool = False) -> None:
        self._way = Way(stop, egress, public_only)
        # PySocks makes the connection itself; urllib3 would build its own pools for it.
        self.proxies = {"all": egress.url} if egress.url and not egress.is_socks else {}
        super().__init__()

    def pool_for(self, request: PreparedRequest) -> HTTPConnectionPool:
        """The connections to the host of a request: those that requests' own send() takes, and as it takes them."""
        pool: HTTPConnectionPool = self.get_connection_with_tls_context(request, True, proxies=self.proxies)  # type: ignore[assignment]
        self.cert_verify(pool, request.url, True, None)
        return pool

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes()

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        manager.pool_classes_by_scheme = self._pool_classes()
        return manager

    def _pool_classes(self) -> dict[str, Any]:
        return {
            "http": partial(_pool, HTTPConnectionPool, partial(_Breakable, self._way)),
            "https": partial(_pool, HTTPSConnectionPool, partial(_BreakableTls, self._way)),
        }


def _pool(pool_class: Any, new_connection: Any, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
    pool: HTTPConnectionPool = pool_class(*args, **kwargs)
    pool.ConnectionCls = new_connection
    return pool


def check_public(host: str, addresses: list[str]) -> None:
    """ConfigurationError if one of the addresses that the name ``host`` leads to is not public."""
    for address in addresses:
        if not is_public_address(address):
            raise ConfigurationError(f"{host} leads to {address}, which is not a public address: refused")


class _Breakable(HTTPConnection):
    """Makes its socket known to the Stop for as long as it lives."""

    def __init__(self, way: Way, *args: Any, **kwargs: Any) -> None:
        self._way = way
        self._handle: socket.socket | None = None
        super().__init__(*args, **kwargs)

    def _new_conn(self) -> socket.socket:
        """As urllib3's, which does not show its socket before it is connected."""
        try:
            return self._through_socks() if self._way.egress.is_socks else self._plainly()
        except OSError as error:
            if self._way.egress.url:
                raise self._proxy_failed(error) from None
            if isinstance(error, TimeoutError):
                raise ConnectTimeoutError(self, f"no connection to {self.host} within {self.timeout} s") from error
            raise NewConnectionError(self, f"no connection to {self.host}: {error}") from error

    def _plainly(self) -> socket.socket:
        """To the log, or to its HTTP proxy; OSError, the last address's, when none can be reached."""
        host = self._dns_host.strip("[]")
        found = socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM)
        if self._way.public_only and not self._way.egress.url:
            check_public(host, [str(address[0]) for *_, address in found])
        failure = OSError("the name has no address")
        for family, kind, protocol, _, address in found:
            try:
                return self._connect(socket.socket(family, kind, protocol), address)
            except OSError as error:
                failure = error
        raise failure

    def _through_socks(self) -> socket.socket:
        """To the log through a SOCKS proxy, which gets its name (socks5h) or the address it leads to (socks5)."""
        host, (proxy_host, proxy_port) = self._dns_host.strip("[]"), self._way.egress.address
        if self._way.egress.resolves_here:
            host = self._looked_up(host)
        family = socket.getaddrinfo(proxy_host, proxy_port, type=socket.SOCK_STREAM)[0][0]
        connection = socks.socksocket(family, socket.SOCK_STREAM)
        user, password = self._way.egress.credentials or (None, None)
        connection.set_proxy(socks.SOCKS5, proxy_host, proxy_port, True, user, password)
        return self._connect(connection, (host, self.port))

    def _looked_up(self, host: str) -> str:
        try:
            found = socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:  # no fault of the proxy
            raise NewConnectionError(self, f"{host} has no address: {error}") from error
        addresses = [str(address[0]) for *_, address in found]
        if self._way.public_only:
            check_public(host, addresses)
        return addresses[0]

    def _connect(self, connection: socket.socket, address: Any) -> socket.socket:
        try:
            for option in self.socket_options or ():
                connection.setsockopt(*option)
            connection.settimeout(self.timeout)
            self._forget()
            self._handle = self._way.stop.watch(connection)
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection

    def _tunnel(self) -> None:
        try:
            super()._tunnel()
        except (OSError, HTTPException, ValueError) as error:
            raise self._proxy_failed(error) from None

    def _proxy_failed(self, error: Exception) -> ProxyUnavailable:
        return ProxyUnavailable(f"the proxy {self._way.egress} gives no connection: {error}")

    def close(self) -> None:
        super().close()
        self._forget()

    def _forget(self) -> None:
        if self._handle is not None:
            self._way.stop.forget(self._handle)
            self._handle = None


class _BreakableTls(_Breakable, HTTPSConnection):
    """The same under TLS."""

    def _connect_tls_proxy(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super()._connect_tls_proxy(*args, **kwargs)
        except OSError as error:
            raise self._proxy_failed(error) from None
