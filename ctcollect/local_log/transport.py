"""HTTP/1.1 under the local log: a thread a connection, keep-alive, breaks on demand."""

import contextlib
import gzip
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ctcollect.errors import ConfigurationError
from ctcollect.local_log.endpoints import refusal_answer
from ctcollect.local_log.messages import Answer

IDLE_SECONDS = 60.0
BODY_MAX_BYTES = 2**20
WRITE_BUFFER_BYTES = 2**16
CLOSE_SECONDS = 5.0
# SO_LINGER on, zero seconds: close() sends RST instead of FIN.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)

Get = Callable[[str, str], Answer]
Post = Callable[[str, bytes], Answer]


class HttpServer(ThreadingHTTPServer):
    """Answers with ``get(path and query, client address)`` and ``post(path, body)``.

    ``compress``: gzip for clients that accept it. ConfigurationError when it cannot listen.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, get: Get, post: Post, compress: bool) -> None:
        self.host = host
        self.get = get
        self.post = post
        self.compress = compress
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        try:
            super().__init__((host, port), Handler)
        except OSError as error:
            reason = f"cannot listen on {host}:{port} ({error.strerror}), choose another port or host"
            raise ConfigurationError(f"local log: {reason}") from None

    @property
    def url(self) -> str:
        """With the host as it was named: others may know this machine by that name alone."""
        return f"http://{self.host}:{self.server_address[1]}/"

    def server_bind(self) -> None:
        """As the base, without its look-up of the host's name, which may take seconds."""
        socketserver.TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no news; anything else is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Stop listening and end every connection, those kept alive too."""
        self.server_close()
        with self._changed:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open, timeout=CLOSE_SECONDS)


class Handler(BaseHTTPRequestHandler):
    """One connection. Head and body of a small answer leave in one write, without Nagle's delay."""

    server: HttpServer
    protocol_version = "HTTP/1.1"
    server_version = "ctcollect-local-log"
    disable_nagle_algorithm = True
    wbufsize = WRITE_BUFFER_BYTES
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        self._send(self.server.get(self.path, str(self.client_address[0])))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > BODY_MAX_BYTES:
            # What follows cannot be told from the next request.
            self.close_connection = True
            self._send(refusal_answer(HTTPStatus.LENGTH_REQUIRED, f"send 0 to {BODY_MAX_BYTES} bytes"))
            return
        self._send(self.server.post(self.path, self.rfile.read(int(length))))

    def _send(self, answer: Answer) -> None:
        if answer.reset:
            self._reset()
            return
        body, headers = self._encoded(answer)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        if answer.cut_at is not None:
            self.close_connection = True
            body = body[: answer.cut_at * len(body) // max(len(answer.body), 1)]
        self.end_headers()
        self.wfile.write(body)

    def _encoded(self, answer: Answer) -> tuple[bytes, tuple[tuple[str, str], ...]]:
        """The body as it travels, and the headers that say so."""
        if not self.server.compress or "gzip" not in self.headers.get("Accept-Encoding", ""):
            return answer.body, answer.headers
        body = gzip.compress(answer.body, compresslevel=1, mtime=0)
        return body, (*answer.headers, ("Content-Encoding", "gzip"))

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the statistics count requests."""
