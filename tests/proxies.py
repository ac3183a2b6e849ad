"""Small proxies of the tests' own, on loopback: HTTP (CONNECT and plain requests) and SOCKS5, with credentials.

``host_ports`` maps names to ports of 127.0.0.1: what only the proxy can look up.
"""

import base64
import socket
import socketserver
import struct
import threading
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit

USER, PASSWORD = "alice", "s3cret@word"
CREDENTIALS = "alice:s3cret%40word@"


class Proxy(socketserver.ThreadingTCPServer):
    """Keeps in ``asked`` where it was to connect to. A dead one hangs up, a silent one accepts and says nothing."""

    daemon_threads = True
    allow_reuse_address = True
    scheme = ""

    def __init__(self, handler: Any, host_ports: dict[str, int] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.host_ports = host_ports or {}
        self.asked: list[str] = []
        self.is_dead = False
        self.is_silent = False
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, credentials: str = CREDENTIALS, scheme: str = "") -> str:
        return f"{scheme or self.scheme}://{credentials}127.0.0.1:{self.server_address[1]}"

    def open(self, host: str, port: int) -> socket.socket:
        """A connection to where a client wants to go."""
        self.asked.append(f"{host}:{port}")
        return socket.create_connection(
            ("127.0.0.1" if host in self.host_ports else host, self.host_ports.get(host, port)), 5
        )

    def __exit__(self, *exception: Any) -> None:
        self.shutdown()
        super().__exit__(*exception)

    def __enter__(self) -> Self:
        return self


def pump(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until one side ends."""

    def carry(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=carry, args=(other, one), daemon=True).start()
    carry(one, other)


class HttpHandler(socketserver.StreamRequestHandler):
    """CONNECT host:port, or GET http://host:port/path."""

    server: "HttpProxy"

    def handle(self) -> None:
        if self.server.is_dead:
            return
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline()
            if not line:
                return
            head += line
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split()
        expected = b"Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode())
        if self.server.is_silent:
            threading.Event().wait(20)
        elif expected not in head:
            self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        else:
            self._forward(method, target, head)

    def _forward(self, method: str, target: str, head: bytes) -> None:
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        try:
            upstream = self.server.open(parts.hostname or "", parts.port or 80)
        except OSError:
            self.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        with upstream:
            if method == "CONNECT":
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                path = f"{parts.path}?{parts.query}" if parts.query else parts.path
                lines = head.split(b"\r\n", 1)[1]
                upstream.sendall(f"{method} {path} HTTP/1.1\r\nConnection: close\r\n".encode() + lines)
            pump(self.connection, upstream)


class HttpProxy(Proxy):
    """An HTTP proxy."""

    scheme = "http"

    def __init__(self, host_ports: dict[str, int] | None = None) -> None:
        super().__init__(HttpHandler, host_ports)


class SocksHandler(socketserver.StreamRequestHandler):
    """RFC 1928 CONNECT with RFC 1929 user name and password."""

    server: "SocksProxy"

    def handle(self) -> None:
        if self.server.is_silent:
            threading.Event().wait(20)
        if self.server.is_dead:
            return
        _, count = self.rfile.read(2)
        if 2 not in self.rfile.read(count):
            self.wfile.write(b"\x05\xff")
            return
        self.wfile.write(b"\x05\x02")
        user = self.rfile.read(self.rfile.read(2)[1])
        password = self.rfile.read(self.rfile.read(1)[0])
        if (user.decode(), password.decode()) != (USER, PASSWORD):
            self.wfile.write(b"\x01\x01")
            return
        self.wfile.write(b"\x01\x00")
        self._connect(self.rfile.read(4)[3])

    def _connect(self, kind: int) -> None:
        if kind == 3:
            host = self.rfile.read(self.rfile.read(1)[0]).decode()
        else:
            family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
            host = socket.inet_ntop(family, self.rfile.read(size))
        (port,) = struct.unpack(">H", self.rfile.read(2))
        try:
            upstream = self.server.open(host, port)
        except OSError:
            self.wfile.write(b"\x05\x05\x00\x01" + bytes(6))
            return
        with upstream:
            self.wfile.write(b"\x05\x00\x00\x01" + bytes(6))
            pump(self.connection, upstream)


class SocksProxy(Proxy):
    """A SOCKS5 proxy."""

    scheme = "socks5"

    def __init__(self, host_ports: dict[str, int] | None = None) -> None:
        super().__init__(SocksHandler, host_ports)
