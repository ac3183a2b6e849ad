"""Files over HTTP on loopback, in parts if they are asked for so."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class FileServer:
    """What is under ``folder``. ``gives_parts``: whether it knows Range. ``moved``: paths that lead elsewhere."""

    folder: Path
    gives_parts: bool = True
    moved: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serve_files(folder: Path) -> Iterator[FileServer]:
    files = FileServer(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            files.asked.append(self.path)
            if self.path in files.moved:
                self.answer(302, b"", Location=files.moved[self.path])
                return
            body = (files.folder / self.path.lstrip("/")).read_bytes()
            wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
            if not (files.gives_parts and wanted):
                self.answer(200, body)
                return
            start, end = int(wanted[1]), min(int(wanted[2]) + 1, len(body))
            self.answer(206, body[start:end], **{"Content-Range": f"bytes {start}-{end - 1}/{len(body)}"})

        def answer(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        files.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield files
        finally:
            server.shutdown()
            thread.join()
