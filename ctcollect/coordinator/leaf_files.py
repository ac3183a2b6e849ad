"""Leaf files: the raw .jp entries of a delivery as zstd-compressed JSON lines, on disk before the database commits.

A harvest is one delivery, and one file, unless some of it was there already: each span that is new gets its own,
so that what is discarded later takes its file with it and nobody else's.
"""

import os
import re
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pybase64
import zstandard

from ctcollect.errors import DiskUnavailable, MalformedEntry
from ctcollect.harvest import MAX_ENTRIES_BYTES, Harvest, HarvestEntry, friend_of
from ctcollect.models import LogRow
from ctcollect.ranges import Span
from ctcollect.store import Found

UNSAFE = re.compile(r"[^A-Za-z0-9._-]|^\.+$")


def relative_path(url: str, span: Span) -> str:
    """``ct.googleapis.com/logs/us1/argon2024/000033287744-000033288767.jsonl.zst``: both indices inclusive."""
    parts = urlsplit(url)
    folders = [parts.netloc, *parts.path.strip("/").split("/")]
    folder = "/".join(UNSAFE.sub("_", name) for name in folders if name)
    return f"{folder}/{span.start:012d}-{span.end - 1:012d}.jsonl.zst"


@dataclass(frozen=True, slots=True)
class LeafFile:
    """A file that is whole and synced, but not yet under its name, which is relative to the leaves folder."""

    relative: str
    path: Path
    temporary: Path


def place(files: Iterable[LeafFile]) -> None:
    """Give the files their names, and let that last. DiskUnavailable when a folder can't be written."""
    folders: dict[Path, list[LeafFile]] = {}
    for file in files:
        folders.setdefault(file.path.parent, []).append(file)
    for folder, inside in folders.items():
        with _disk_faults_told(folder):
            for file in inside:
                file.temporary.replace(file.path)
            _sync_folder(folder)


@contextmanager
def written(
    data_dir: Path, log: LogRow, worker: str, harvest: Harvest, spans: Sequence[Span], found: Sequence[Found]
) -> Iterator[dict[Span, LeafFile]]:
    """A file for each span in which something was found; at the end those that were not placed are gone.

    DiskUnavailable when the folder can't be written.
    """
    wanted = {each.index for each in found}
    files: dict[Span, LeafFile] = {}
    try:
        for span in spans:
            lines = [_line(log, worker, e) for e in harvest.entries if e.index in wanted and e.index in range(*span)]
            if lines:
                files[span] = _file(data_dir, log, span)
                _write_synced(files[span].temporary, zstandard.compress(b"".join(lines)))
        yield files
    finally:
        for file in files.values():
            with suppress(OSError):
                file.temporary.unlink(missing_ok=True)


def check_writable(data_dir: Path) -> None:
    """DiskUnavailable, which names the folder, unless a leaf file could be written now."""
    folder = data_dir / "leaves"
    with _disk_faults_told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"leaf")


def _file(data_dir: Path, log: LogRow, span: Span) -> LeafFile:
    relative = relative_path(log.url, span)
    path = data_dir / "leaves" / relative
    return LeafFile(relative, path, path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp"))


def read(data_dir: Path, relative: str) -> dict[int, tuple[bytes, bytes]]:
    """Leaf index -> (leaf_input, extra_data) of a file. MalformedEntry when it is missing or damaged."""
    try:
        content = zstandard.ZstdDecompressor().decompress(
            (data_dir / "leaves" / relative).read_bytes(), max_output_size=MAX_ENTRIES_BYTES
        )
        return dict(_parts(orjson.loads(line)) for line in content.splitlines())
    except (OSError, ValueError, KeyError, TypeError, zstandard.ZstdError) as error:
        raise MalformedEntry(f"the leaf file {relative} can't be read: {error}") from None


def _parts(line: dict[str, str]) -> tuple[int, tuple[bytes, bytes]]:
    leaf_input, extra_data = (pybase64.b64decode(line[name], validate=True) for name in ("leaf_input", "extra_data"))
    return int(line["index"]), (leaf_input, extra_data)


def remove(data_dir: Path, relative_paths: Iterable[str]) -> None:
    """Delete files, as write() named them, that no sighting speaks of any more."""
    for relative in relative_paths:
        (data_dir / "leaves" / relative).unlink(missing_ok=True)


def _line(log: LogRow, worker: str, entry: HarvestEntry) -> bytes:
    document = {
        "leaf_input": pybase64.b64encode_as_string(entry.leaf_input),
        "extra_data": pybase64.b64encode_as_string(entry.extra_data),
        "index": entry.index,
        "log_url": log.url,
        "log_name": log.name,
        "friend": friend_of(worker),
    }
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)


@contextmanager
def _disk_faults_told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskUnavailable(f"{folder} can't be written: {error.strerror}; nothing is lost, make room") from None


def _write_synced(path: Path, content: bytes) -> None:
    with _disk_faults_told(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
