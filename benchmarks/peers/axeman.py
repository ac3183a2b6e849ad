"""CaliDog's Axeman, of PyPI: it parses every certificate and verifies nothing.

As PyPI gives it today it does not start: its last release is of 2020, its libraries have moved on. So it gets those of
2023 in a virtual environment of its own. Its list of logs, at a fixed address that is gone, is replaced by one of ours.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson

from benchmarks.common import CLOCK_TICKS, Speed
from benchmarks.peers.missing import PeerMissing, last_words
from ctcollect.catalogue import Log

VERSION = "1.14"
LIBRARIES = ("uvloop<0.22", "pyopenssl<24", "aiohttp<3.9")
INSTALL_SECONDS = 300.0
LOOK_SECONDS = 0.1
# Its arguments: the address of the list of logs, the log's own without a scheme, a folder.
LAUNCHER = """
import sys
from axeman import certlib, core
certlib.CTL_LISTS, address, folder = sys.argv[1:]
sys.argv[1:] = ["-u", address, "-o", folder, "-f", folder + "/axeman.log"]
core.main()
"""


class Axeman:
    """``folder`` is where it gets installed, once."""

    name = f"Axeman {VERSION}, not verifying"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, log: Log, list_file: Path, folder: Path, seconds: float) -> Speed:
        with list_of_one(log) as list_url:
            address = log.url.removeprefix("http://").removesuffix("/")
            command: list[str | Path] = [self._python, "-c", LAUNCHER, list_url, address, folder]
            wall, cpu = stopped_after(seconds, command, folder)
        if not (entries := lines_below(folder / "certificates")):
            raise PeerMissing(f"it does not start: {last_words(folder / 'output.txt')}")
        return Speed(entries, wall, cpu)

    @cached_property
    def _python(self) -> Path:
        environment = self.folder / "axeman-environment"
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        python, output = environment / "bin" / "python", self.folder / "pip.txt"
        command: list[str | Path] = [python, "-m", "pip", "install", "--quiet", f"axeman=={VERSION}", *LIBRARIES]
        with output.open("wb") as file:
            installed = subprocess.run(
                command, stdout=file, stderr=subprocess.STDOUT, timeout=INSTALL_SECONDS, check=False
            )
        if installed.returncode:
            raise PeerMissing(f"it can't be installed: {last_words(output)}")
        return python


@contextmanager
def list_of_one(log: Log) -> Iterator[str]:
    """The address of a list of logs in the shape of 2020 (version 1), served meanwhile."""
    named = {"description": log.name, "url": log.url.removeprefix("http://"), "operated_by": [0]}
    body = orjson.dumps({"logs": [named], "operators": [{"id": 0, "name": log.operator}]})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/log_list.json"
        server.shutdown()


def stopped_after(seconds: float, command: list[str | Path], folder: Path) -> tuple[float, float]:
    """(wall seconds, CPU seconds) of a program and its processes, all stopped at one moment, then ended."""
    started_at = time.monotonic()
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    while process.poll() is None and time.monotonic() - started_at < seconds:
        time.sleep(LOOK_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGSTOP)
    wall, cpu = time.monotonic() - started_at, cpu_seconds_of_session(process.pid)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return wall, cpu


def cpu_seconds_of_session(session: int) -> float:
    """User and system time of all processes of a session, and of those of theirs that have ended (proc(5): stat)."""
    ticks = 0
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            fields = file.read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15])) if int(fields[3]) == session else 0
    return ticks / CLOCK_TICKS


def lines_below(folder: Path) -> int:
    """A line is an entry, a file an answer."""
    return sum(file.read_bytes().count(b"\n") for file in folder.rglob("*.csv"))
