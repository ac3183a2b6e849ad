"""Harvests that could not be delivered: one file each, tried again every ten minutes until the broker takes them.

Nothing is dropped: a full spool says so, and then its worker takes no more work. Several workers may share a
folder; the one that holds its lock delivers for all of them.
"""

import fcntl
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import orjson
import zstandard

logger = logging.getLogger(__name__)

RETRY_SECONDS = 600.0
SUFFIX = ".json.zst"
DAMAGED_SUFFIX = ".damaged"
MAX_DOCUMENT_BYTES = 512 * 2**20


@dataclass
class Spool:
    """JSON documents in ``folder``, about ``max_bytes`` at most in all. ``clock`` gives seconds, for tests.

    Not thread-safe by itself but for put(), which only adds a file.
    """

    folder: Path
    max_bytes: int
    retry_seconds: float = RETRY_SECONDS
    clock: Callable[[], float] = time.time
    _due: dict[Path, float] = field(default_factory=dict)
    _lock: IO[bytes] | None = None

    def put(self, document: dict[str, Any]) -> Path:
        """Keep a document until it is delivered: whole and synced, or OSError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{int(self.clock() * 1000):013d}-{uuid4().hex}{SUFFIX}"
        temporary = path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            file.write(zstandard.compress(orjson.dumps(document)))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        return path

    def files(self) -> list[Path]:
        """What waits, the oldest first."""
        return sorted(self.folder.glob("*" + SUFFIX)) if self.folder.is_dir() else []

    def size_bytes(self) -> int:
        total = 0
        for path in self.files():
            with suppress(FileNotFoundError):
                total += path.stat().st_size
        return total

    def is_full(self) -> bool:
        return self.size_bytes() >= self.max_bytes

    def deliver_due(self, send: Callable[[dict[str, Any]], None]) -> int:
        """Try each document whose time has come, one after the other; returns how many were delivered.

        ``send`` raises when it fails; then that document's next try is ten minutes later. Does nothing when
        another process delivers from this folder.
        """
        if not self._is_ours():
            return 0
        self._look_for_new()
        due = [path for path, at in sorted(self._due.items(), key=lambda item: item[1]) if at <= self.clock()]
        return sum(self._deliver(path, send) for path in due)

    def seconds_to_next(self) -> float:
        """Until the next document is due, at most a retry's length."""
        return max(0.0, min(self._due.values(), default=self.clock() + self.retry_seconds) - self.clock())

    def _is_ours(self) -> bool:
        """Take the folder's lock, which the system frees when its holder ends."""
        if self._lock is None and self.folder.is_dir():
            lock = (self.folder / ".lock").open("wb")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
                return False
            self._lock = lock
        return self._lock is not None

    def _look_for_new(self) -> None:
        """Each document gets a time of its own, so that many never go out at once."""
        new = [path for path in self.files() if path not in self._due]
        for at, path in enumerate(new):
            written_at = int(path.name[:13]) / 1000 if path.name[:13].isdigit() else 0.0
            earliest = self.clock() + at * self.retry_seconds / len(new)
            self._due[path] = max(written_at + self.retry_seconds, earliest) if written_at else earliest

    def _deliver(self, path: Path, send: Callable[[dict[str, Any]], None]) -> bool:
        document = self._read(path)
        if document is None:
            return False
        try:
            send(document)
        except Exception as error:  # whatever the broker's client raises, the document stays
            logger.info("a kept harvest is still not delivered: %s", error)
            self._due[path] = self.clock() + self.retry_seconds
            return False
        path.unlink(missing_ok=True)
        del self._due[path]
        return True

    def _read(self, path: Path) -> dict[str, Any] | None:
        """None for a file that is gone, or damaged: such a one is set aside."""
        try:
            packed = zstandard.ZstdDecompressor().decompress(path.read_bytes(), max_output_size=MAX_DOCUMENT_BYTES)
            document = orjson.loads(packed)
            if not isinstance(document, dict):
                raise ValueError("not an object")
        except FileNotFoundError:
            del self._due[path]
            return None
        except (ValueError, zstandard.ZstdError, OSError) as error:
            logger.warning("%s is damaged and set aside: %s", path, error)
            with suppress(OSError):
                path.rename(path.with_name(path.name + DAMAGED_SUFFIX))
            del self._due[path]
            return None
        return document
