"""Serving local logs until a signal comes, with their log list and the truth about them in files."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import orjson

from ctcollect.errors import ConfigurationError
from ctcollect.local_log.archive import write_archive
from ctcollect.local_log.log import LocalLog
from ctcollect.local_log.server import LocalLogServer


def serve_forever(
    logs: Sequence[LocalLog],
    port: int = 0,
    max_entries: int | Mapping[str, int] = 256,
    list_file: Path | None = None,
    truth_file: Path | None = None,
    archive_folder: Path | None = None,
    ready: Callable[[str], object] = print,
    host: str = "127.0.0.1",
    static: bool = False,
) -> None:
    """Serve ``logs`` on ``host`` until SIGTERM or SIGINT; only in the main thread, which gets the signals.

    The files are whole before ``ready`` is called with one line; ConfigurationError when they cannot be
    written or the port is taken.
    """
    stop = threading.Event()
    with LocalLogServer(logs, host, port, max_entries=max_entries, static=static) as server:
        if list_file:
            write_atomically(list_file, [orjson.dumps(server.log_list(), option=orjson.OPT_INDENT_2)])
        if truth_file:
            write_atomically(truth_file, truth_lines(logs))
        for log in logs if archive_folder else ():
            write_archive(log, Path(archive_folder or "", log.name), server.log_url(log.name))
        with _signals(stop):
            ready(f"local log ready at {server.url} with {', '.join(server.logs)}")
            stop.wait()


class Files(NamedTuple):
    """What serve_forever() writes: a log list, the truth about every entry, a folder with an archive of each log."""

    list_file: Path | None = None
    truth_file: Path | None = None
    archive_folder: Path | None = None


@contextlib.contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set ``stop``; the handlers of before come back at the end."""
    before = {each: signal.signal(each, lambda *_: stop.set()) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def truth_lines(logs: Iterable[LocalLog]) -> Iterator[bytes]:
    """One JSON line an entry: log, index and the fields of Truth (entry_type 0 x509, 1 precert)."""
    for log in logs:
        for index, truth in enumerate(log.truth):
            yield orjson.dumps({"log": log.name, "index": index, **asdict(truth)}) + b"\n"


def write_atomically(path: Path, parts: Iterable[bytes]) -> None:
    """All of it or nothing: written beside ``path`` and moved there; ConfigurationError names what failed."""
    part_file = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part_file.open("wb") as file:
            file.writelines(parts)
        part_file.replace(path)
    except OSError as error:
        part_file.unlink(missing_ok=True)
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from None
