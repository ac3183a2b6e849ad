"""One zip file of an archive: its members by name, bounded, whether the file is here or at an http(s) url."""

import os
import re
import struct
import threading
import zlib
from collections.abc import Callable
from io import SEEK_CUR, SEEK_END, SEEK_SET
from pathlib import Path
from typing import IO, NamedTuple, Protocol, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipInfo

from ctcollect.client import Http, check_url
from ctcollect.errors import BadAnswer, LogUnavailable, Moved, NotHere, NotThere
from ctcollect.question import Part
from ctcollect.readers.caches import BytesCache
from ctcollect.readers.zip_directory import SmallZipFile

# The directory of a zip file with 2^24 entries of a log takes some 9 MB.
READ_MAX_BYTES = 64 * 2**20
BLOCK_BYTES = 2**20
BLOCKS_MAX_BYTES = 16 * 2**20
MAX_REDIRECTS = 5
NUMBER = re.compile(r"(?:.*\D)?(\d{3,6})\.zip")
# All that zipfile raises for a file that is none, or damaged.
ZIP_FAULTS = (
    BadZipFile,
    LargeZipFile,
    EOFError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)


class Asker(NamedTuple):
    """Who asks now, should anything have to be asked: zip files stay open longer than one order."""

    http: Http
    deadline: float


class PartFile(Protocol):
    """As much of a file as zipfile needs. ``asker`` is set before each use."""

    asker: Asker

    def read(self, n: int = -1) -> bytes: ...

    def seek(self, offset: int, whence: int = SEEK_SET) -> int: ...

    def tell(self) -> int: ...

    def seekable(self) -> bool: ...

    def is_current(self) -> bool:
        """Whether it is still the file that was opened."""
        ...

    def close(self) -> None: ...


def number_in(name: str) -> int | None:
    """The number of a part by its file's name: ``003.zip`` holds the entries from 3 * 2^24 on."""
    found = NUMBER.fullmatch(name)
    return int(found[1]) if found else None


class LocalFile:
    """A file on this machine."""

    asker: Asker

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("rb")
        except FileNotFoundError as error:
            raise NotHere(f"{path} can't be read: {error.strerror}") from None
        except OSError as error:
            raise LogUnavailable(f"{path} can't be read: {error.strerror}") from None
        self.seek, self.tell, self.close = self._file.seek, self._file.tell, self._file.close
        self._size = self.seek(0, SEEK_END)
        self._opened = _identity(os.fstat(self._file.fileno()))

    def seekable(self) -> bool:
        return True

    def is_current(self) -> bool:
        try:
            return _identity(self._path.stat()) == self._opened
        except OSError:
            return False

    def read(self, n: int = -1) -> bytes:
        wanted = max(self._size - self.tell(), 0) if n < 0 else n
        return self._file.read(_bounded(wanted))


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


class RangeFile:
    """A file at a url, read by range requests in blocks of a megabyte, the last ones of which are kept."""

    def __init__(self, url: str, asker: Asker) -> None:
        self.asker = asker
        self._url = self._at = url
        self._position = 0
        self._blocks = BytesCache[int](BLOCKS_MAX_BYTES)
        self._size = self._ask(0, 1).file_size

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        self._position = max(0, offset + {SEEK_SET: 0, SEEK_CUR: self._position, SEEK_END: self._size}[whence])
        return self._position

    def tell(self) -> int:
        return self._position

    def seekable(self) -> bool:
        return True

    def is_current(self) -> bool:
        """Its size is compared with each answer."""
        return True

    def close(self) -> None:
        """Nothing is open."""

    def read(self, n: int = -1) -> bytes:
        left = max(self._size - self._position, 0)
        end = self._position + _bounded(left if n < 0 else min(n, left))
        pieces = []
        while self._position < end:
            number, first = divmod(self._position, BLOCK_BYTES)
            pieces.append(self._block(number)[first : first + end - self._position])
            self._position += len(pieces[-1])
        return b"".join(pieces)

    def _block(self, number: int) -> bytes:
        block = self._blocks.get(number)
        if block is None:
            start, end = number * BLOCK_BYTES, min((number + 1) * BLOCK_BYTES, self._size)
            part = self._ask(start, end)
            if (len(part.data), part.file_size) != (end - start, self._size):
                raise BadAnswer(f"{self._url} is not the file any more that it was")
            block = part.data
            self._blocks.put(number, block)
        return block

    def _ask(self, start: int, end: int) -> Part:
        """Where the url leads on (the Internet Archive's does) is asked as long as that works."""
        try:
            for _ in range(MAX_REDIRECTS):
                try:
                    check_url(self._at, self.asker.http.settings)
                    return self.asker.http.get_part(self._at, start, end, self.asker.deadline)
                except Moved as moved:
                    self._at = moved.location
        except (BadAnswer, LogUnavailable):
            self._at = self._url
            raise
        self._at = self._url
        raise BadAnswer(f"{self._url} leads on and on")


def _bounded(n: int) -> int:
    if n > READ_MAX_BYTES:
        raise BadZipFile(f"{n:,} bytes in one piece, at most {READ_MAX_BYTES:,} are read")
    return n


class ZipPart:
    """A zip file, opened when it is first read, after each close() and when another one has come into its place.

    Thread-safe: one reads at a time.

    BadAnswer, in a line, for whatever is wrong with the file or a member; NotThere for a member that it has not.
    """

    def __init__(self, name: str, open_file: Callable[[Asker], PartFile]) -> None:
        self.name = name
        self._open_file = open_file
        self._lock = threading.Lock()
        self._opened: tuple[PartFile, SmallZipFile] | None = None

    def read(self, path: str, max_bytes: int, asker: Asker) -> bytes:
        """A member, by its exact name, at most ``max_bytes`` long."""
        with self._lock:
            try:
                zip_file = self._zip(asker)
                return self._member(zip_file, zip_file.getinfo(path), max_bytes)
            except KeyError:
                raise NotThere(f"{self.name} has no {path}") from None
            except ZIP_FAULTS as error:
                self._close()  # a sound file may come into its place
                raise BadAnswer(f"{self.name}: {path}: {' '.join(str(error).split()) or 'damaged'}") from None
            except OSError as error:
                self._close()
                raise LogUnavailable(f"{self.name} can't be read: {error.strerror or error}") from None

    def paths(self, asker: Asker) -> list[str]:
        """The names of all members."""
        with self._lock:
            try:
                return list(self._zip(asker).names())
            except ZIP_FAULTS as error:
                raise BadAnswer(f"{self.name} is no zip file that can be read: {error}") from None

    def close(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._opened is not None:
            self._opened[0].close()
            self._opened = None

    def _zip(self, asker: Asker) -> SmallZipFile:
        if self._opened is not None and not self._opened[0].is_current():
            self._close()
        if self._opened is None:
            file = self._open_file(asker)
            file.asker = asker
            try:
                self._opened = file, SmallZipFile(cast(IO[bytes], file))
            except BaseException:
                file.close()
                raise
        self._opened[0].asker = asker
        return self._opened[1]

    def _member(self, zip_file: SmallZipFile, info: ZipInfo, max_bytes: int) -> bytes:
        """What a member says of its size bounds what is unpacked; its checksum is verified at its end."""
        if info.file_size > max_bytes or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise BadZipFile(f"{info.file_size:,} bytes, packed by method {info.compress_type}: not read")
        with zip_file.open(info) as member:
            body: bytes = member.read(max(info.file_size, 1))
        if len(body) != info.file_size:
            raise BadZipFile(f"{len(body):,} of {info.file_size:,} bytes")
        return body


def local_part(path: Path) -> ZipPart:
    """A zip file on this machine."""
    return ZipPart(str(path), lambda _: cast(PartFile, LocalFile(path)))


def remote_part(url: str) -> ZipPart:
    """A zip file at an http(s) url."""
    return ZipPart(url, lambda asker: RangeFile(url, asker))
