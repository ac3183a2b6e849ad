"""A server on loopback that answers every request with exactly the bytes a test wants."""

import socketserver
import threading
from collections.abc import Callable, Iterable
from typing import Any, Self

Answer = Callable[[str], Iterable[bytes]]


def http_answer(body: bytes, status: str = "200 OK", *headers: str) -> list[bytes]:
    """Head and body of an answer with its length."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return ["\r\n".join(head).encode() + b"\r\n\r\n", body]


class RawServer(socketserver.ThreadingTCPServer):
    """``answer(path)`` gives the pieces to send; a client that goes away ends them.

    ``requests`` holds the head of each request as it came, ``connections`` how many were made.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[str] = []
        self.connections = 0
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/log/"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self.shutdown()
        self.server_close()


class _Handler(socketserver.StreamRequestHandler):
    server: RawServer
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.server.connections += 1
        try:
            while head := self._head():
                self.server.requests.append(head)
                for piece in self.server.answer(head.split(" ")[1]):
                    self.wfile.write(piece)
        except ConnectionError:
            return

    def _head(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode()).strip():
            lines.append(line)
        return "".join(lines)
