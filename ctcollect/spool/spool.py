"""What waits, when each of it is tried next, and whether there is room for more."""

import logging
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from ctcollect.errors import HarvestRefused
from ctcollect.spool.folder import SpoolFolder, new_name, pack, unpack

logger = logging.getLogger(__name__)

# What the disk does not take stays in memory, of which there is less.
MEMORY_MAX_BYTES = 64 * 2**20
# A full spool has room again a little below its limit, or it would say so with every document that goes.
ROOM_SHARE = 0.9
LOOK_SECONDS, LOOKS_PER_RETRY = 60.0, 10
LONGEST_GAP_SECONDS = 1.0


@dataclass(slots=True)
class _Kept:
    due_at: float
    size_bytes: int
    packed: bytes = b""  # only while no file holds it


@dataclass
class Spool:
    """JSON documents, about ``max_bytes`` at most in all; each is tried every ``retry_seconds``, on its own.

    Nothing is dropped: a full spool says so and relies on its worker to take no more work. Several processes may
    share a folder; the one that holds its lock delivers for all of them. Thread-safe, as long as one thread
    delivers. ``clock`` gives seconds, for tests.

    ``waiting`` is how many documents, and how many bytes of them, this process is to deliver: each is counted by one
    of those that share the folder. ``free_bytes`` is the room for more when it was last looked (None before that).
    """

    folder: SpoolFolder
    max_bytes: int
    retry_seconds: float
    clock: Callable[[], float] = time.monotonic
    _kept: dict[str, _Kept] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _look_at: float = field(default=0.0, init=False)
    _is_full: bool = field(default=False, init=False)
    size_bytes: int = field(default=0, init=False)
    waiting: tuple[int, int] = field(default=(0, 0), init=False)
    free_bytes: int | None = field(default=None, init=False)
    _disk_refuses: bool = field(default=False, init=False)

    def put(self, document: dict[str, Any]) -> None:
        """Keep a document until it is delivered: in a file or, when the disk refuses, in memory."""
        name, packed = new_name(), pack(document)
        kept = _Kept(self.clock() + self.retry_seconds, len(packed), packed)
        with self._lock:
            self._kept[name] = kept  # before there is a file, or look() might take that for another process's
        self._write(name, kept)
        with self._lock:
            self._take_stock()

    def is_full(self) -> bool:
        """Whether no more should come. Costs nothing."""
        return self._is_full

    def look(self) -> None:
        """Learn what lies in the folder: left by a former run, put or delivered by another process."""
        self._look_at = self.clock() + self._look_seconds
        with suppress(OSError), self._lock:
            sizes = self.folder.sizes()
            for name in [name for name, kept in self._kept.items() if name not in sizes and not kept.packed]:
                del self._kept[name]
            self._add([(name, size) for name, size in sorted(sizes.items()) if name not in self._kept])
            self._take_stock()
            self.free_bytes = max(0, min(self.max_bytes - self.size_bytes, self.folder.disk_free_bytes()))

    @property
    def _look_seconds(self) -> float:
        return min(LOOK_SECONDS, self.retry_seconds / LOOKS_PER_RETRY)

    def _add(self, found: list[tuple[str, int]]) -> None:
        """Each file gets a time of its own, so that many never go out at once."""
        now = self.clock()
        for at, (name, size) in enumerate(found):
            self._kept[name] = _Kept(now + at * self.retry_seconds / len(found), size)

    def _take_stock(self) -> None:
        """After each change, with the lock, so that is_full() costs nothing."""
        size = self.size_bytes = sum(kept.size_bytes for kept in self._kept.values())
        mine = [kept.size_bytes for kept in self._kept.values() if kept.packed or self.folder.is_held]
        self.waiting = (len(mine), sum(mine))
        in_memory = sum(len(kept.packed) for kept in self._kept.values())
        share = max(size / max(self.max_bytes, 1), in_memory / MEMORY_MAX_BYTES)
        was_full, self._is_full = self._is_full, share >= (ROOM_SHARE if self._is_full else 1)
        if self._is_full and not was_full:
            logger.warning(
                "The spool is full (%d harvests, %.1f MiB, in %s): no new work is taken until the coordinator has "
                "taken what is kept. Nothing is lost.",
                len(self._kept),
                size / 2**20,
                self.folder.path,
            )
        elif was_full and not self._is_full:
            logger.warning("The spool has room again: work goes on.")

    def deliver_next(self, send: Callable[[dict[str, Any]], None]) -> float:
        """Try the document that is due; returns the seconds after which to call this again.

        ``send`` raises HarvestRefused for a document that is none, which is then set aside, and anything else
        when it fails: then that document's next try is ``retry_seconds`` later.
        """
        files_are_ours = self.folder.is_ours()
        if self.clock() >= self._look_at:
            self.look()
        with self._lock:
            mine = [(kept.due_at, name) for name, kept in self._kept.items() if files_are_ours or kept.packed]
        due_at, name = min(mine, key=itemgetter(0), default=(math.inf, ""))
        if due_at > self.clock():
            return min(due_at - self.clock(), self._look_seconds)
        self._try(name, self._kept[name], send)
        return min(LONGEST_GAP_SECONDS, self.retry_seconds / len(mine))

    def _try(self, name: str, kept: _Kept, send: Callable[[dict[str, Any]], None]) -> None:
        try:
            send(unpack(kept.packed or self.folder.read(name)))
        except (ValueError, HarvestRefused) as error:
            self.folder.set_aside(name, error)
        except FileNotFoundError:
            logger.warning("%s is gone: somebody has taken it away", self.folder.path / name)
        except Exception as error:  # whatever the disk or the broker's client raises, the document stays
            logger.info("a kept harvest is still not delivered: %s", error)
            kept.due_at = self.clock() + self.retry_seconds
            self._write(name, kept)
            return
        else:
            self.folder.remove(name)
        with self._lock:
            del self._kept[name]
            self._take_stock()

    def _write(self, name: str, kept: _Kept) -> None:
        """What is only in memory goes into a file, if the disk takes it."""
        if not kept.packed:
            return
        try:
            self.folder.write(name, kept.packed)
        except OSError as error:
            if not self._disk_refuses:
                logger.warning("%s can't be written, harvests are kept in memory: %s", self.folder.path, error)
            self._disk_refuses = True
        else:
            kept.packed, self._disk_refuses = b"", False
