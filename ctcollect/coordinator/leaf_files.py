"""Leaf files: the raw .jp entries of a harvest as zstd-compressed JSON lines, on disk before the database commits."""

import os
import re
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pybase64
import zstandard

from ctcollect.harvest import Harvest
from ctcollect.models import LogRow
from ctcollect.ranges import Span
from ctcollect.store import Found
from ctcollect.store.workers import friend_of

UNSAFE = re.compile(r"[^A-Za-z0-9._-]|^\.+$")


def relative_path(url: str, span: Span) -> str:
    """``ct.googleapis.com/logs/us1/argon2024/000033287744-000033288767.jsonl.zst``: both indices inclusive."""
    parts = urlsplit(url)
    folders = [parts.netloc, *parts.path.strip("/").split("/")]
    folder = "/".join(UNSAFE.sub("_", name) for name in folders if name)
    return f"{folder}/{span.start:012d}-{span.end - 1:012d}.jsonl.zst"


def write(data_dir: Path, log: LogRow, worker: str, harvest: Harvest, found: Sequence[Found]) -> str:
    """Write and sync the file; returns its path relative to ``data_dir/leaves``. Writing it again replaces it."""
    relative = relative_path(log.url, harvest.span)
    path = data_dir / "leaves" / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    wanted = {each.index for each in found}
    lines = b"".join(_line(log, worker, harvest, at) for at, e in enumerate(harvest.entries) if e.index in wanted)
    _write_synced(path, zstandard.compress(lines))
    return relative


def remove(data_dir: Path, relative_paths: Iterable[str]) -> None:
    """Delete files, as write() named them, that no sighting speaks of any more."""
    for relative in relative_paths:
        (data_dir / "leaves" / relative).unlink(missing_ok=True)


def _line(log: LogRow, worker: str, harvest: Harvest, position: int) -> bytes:
    entry = harvest.entries[position]
    document = {
        "leaf_input": pybase64.b64encode_as_string(entry.leaf_input),
        "extra_data": pybase64.b64encode_as_string(entry.extra_data),
        "index": entry.index,
        "log_url": log.url,
        "log_name": log.name,
        "friend": friend_of(worker),
    }
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)


def _write_synced(path: Path, content: bytes) -> None:
    """The whole file or none of it, whatever happens to the machine."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
