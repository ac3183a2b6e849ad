"""The spool's files: one document each, written whole or not at all, with a lock that says who delivers them."""

import fcntl
import logging
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import zstandard

logger = logging.getLogger(__name__)

SUFFIX = ".json.zst"
DAMAGED_SUFFIX = ".damaged"
UNFINISHED_SUFFIX = ".unfinished"
UNFINISHED_SECONDS = 3600.0
MAX_DOCUMENT_BYTES = 512 * 2**20


def pack(document: dict[str, Any]) -> bytes:
    return zstandard.compress(orjson.dumps(document))


def unpack(packed: bytes) -> dict[str, Any]:
    """ValueError for what pack() has not made, or not whole."""
    try:
        document = orjson.loads(zstandard.ZstdDecompressor().decompress(packed, max_output_size=MAX_DOCUMENT_BYTES))
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None
    if not isinstance(document, dict):
        raise ValueError("it holds no object")
    return document


def new_name() -> str:
    """A file's name: now, in milliseconds since 1970, and something that no other one has."""
    return f"{time.time_ns() // 10**6:013d}-{uuid4().hex}{SUFFIX}"


@dataclass
class SpoolFolder:
    """A folder that processes may share. What can't be done on the disk is OSError unless said otherwise."""

    path: Path
    _lock: int | None = field(default=None, init=False)
    # Files that are done with and that the disk does not let go.
    _done: set[str] = field(default_factory=set, init=False)

    def write(self, name: str, packed: bytes) -> None:
        """A new file, whole and synced."""
        self.path.mkdir(parents=True, exist_ok=True)
        unfinished = self.path / (name + UNFINISHED_SUFFIX)
        try:
            with unfinished.open("wb") as file:
                file.write(packed)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self.path / name)
        except OSError:
            with suppress(OSError):
                unfinished.unlink()  # part of a file would only take room
            raise

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def sizes(self) -> dict[str, int]:
        """The size in bytes of every file that is not done with, by name."""
        sizes = {}
        for path in self.path.glob("*" + SUFFIX):
            with suppress(FileNotFoundError):  # another process may be delivering
                sizes[path.name] = path.stat().st_size
        return {name: size for name, size in sizes.items() if name not in self._done}

    def remove(self, name: str) -> None:
        """No OSError: a file that can't go is left out of sizes() from now on."""
        try:
            (self.path / name).unlink(missing_ok=True)
        except OSError:
            self._done.add(name)

    def set_aside(self, name: str, reason: object) -> None:
        """Rename a file that no one can use, so that a person can look at it. No OSError, as above."""
        logger.warning("%s is damaged and set aside: %s", self.path / name, reason)
        try:
            (self.path / name).rename(self.path / (name + DAMAGED_SUFFIX))
        except OSError:
            self._done.add(name)

    def disk_free_bytes(self) -> int:
        """What the disk of the folder, which may not be there yet, still takes of an ordinary user's."""
        return shutil.disk_usage(next(path for path in (self.path, *self.path.parents) if path.exists())).free

    @property
    def is_held(self) -> bool:
        """Whether this process has the folder's lock already."""
        return self._lock is not None

    def is_ours(self) -> bool:
        """Whether this process delivers the files: it takes the folder's lock, freed by the system when it ends."""
        if self._lock is None:
            with suppress(OSError):
                self._take_lock()
        return self._lock is not None

    def _take_lock(self) -> None:
        descriptor = os.open(self.path, os.O_RDONLY)  # the folder itself: no room and no right to write is needed
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise
        self._lock = descriptor
        self._sweep()

    def _sweep(self) -> None:
        """Take away what processes that were killed in the middle of a write have left."""
        for path in self.path.glob("*" + UNFINISHED_SUFFIX):
            if path.stat().st_mtime < time.time() - UNFINISHED_SECONDS:
                path.unlink()

    def close(self) -> None:
        """Let another process deliver."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
