"""HTTP connections that a Stop breaks off, whatever they wait for: the handshake, the answer, the rest of a body."""

import socket
from functools import partial
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ctcollect.catalogue import is_public_address
from ctcollect.stop import Stop


class BreakableAdapter(HTTPAdapter):
    """Requests' own, with connections that ``stop`` breaks off."""

    def __init__(self, stop: Stop, *, only_public: bool = False) -> None:
        """``only_public``: addresses that are not on the public Internet are not connected to.

        Looked at as the connection is made: a name that is looked up twice may lead to two places.
        """
        self._stop = stop
        self._only_public = only_public
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(_pool, HTTPConnectionPool, partial(_Breakable, self._stop, self._only_public)),
            "https": partial(_pool, HTTPSConnectionPool, partial(_BreakableTls, self._stop, self._only_public)),
        }


def _pool(pool_class: Any, new_connection: Any, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
    pool: HTTPConnectionPool = pool_class(*args, **kwargs)
    pool.ConnectionCls = new_connection
    return pool


class _Breakable(HTTPConnection):
    """Makes its socket known to ``stop`` for as long as it lives."""

    def __init__(self, stop: Stop, only_public: bool, *args: Any, **kwargs: Any) -> None:
        self._stop = stop
        self._only_public = only_public
        self._handle: socket.socket | None = None
        super().__init__(*args, **kwargs)

    def _new_conn(self) -> socket.socket:
        """As urllib3's, which does not show its socket before it is connected."""
        try:
            return self._connect_to_any()
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"no connection to {self.host} within {self.timeout} s") from error
        except OSError as error:
            raise NewConnectionError(self, f"no connection to {self.host}: {error}") from error

    def _connect_to_any(self) -> socket.socket:
        """Each address of the host in turn; OSError, the last one's, when none can be reached."""
        failure = OSError("the name has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(
            self._dns_host.strip("[]"), self.port, type=socket.SOCK_STREAM
        ):
            if self._only_public and not is_public_address(str(address[0])):
                failure = OSError(f"{address[0]} is not a public address")
                continue
            connection = socket.socket(family, kind, protocol)
            try:
                self._connect(connection, address)
            except OSError as error:
                connection.close()
                failure = error
            else:
                return connection
        raise failure

    def _connect(self, connection: socket.socket, address: Any) -> None:
        for option in self.socket_options or ():
            connection.setsockopt(*option)
        connection.settimeout(self.timeout)
        self._forget()
        self._handle = self._stop.watch(connection)
        connection.connect(address)

    def close(self) -> None:
        super().close()
        self._forget()

    def _forget(self) -> None:
        if self._handle is not None:
            self._stop.forget(self._handle)
            self._handle = None


class _BreakableTls(_Breakable, HTTPSConnection):
    """The same under TLS."""
