"""The files of an export: hashed while they are written, in a folder that has its name only when all is there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from ctcollect.errors import ConfigurationError, DiskUnavailable


class HashedFile:
    """A new file for writing from begin to end; its SHA-256 and size are known when it is closed. On disk by then."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("xb")
        self._digest = sha256()
        self._is_abandoned = False
        self.size_bytes = 0

    @property
    def closed(self) -> bool:
        return self._file.closed and not self._is_abandoned

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        if self._is_abandoned:
            return memoryview(data).nbytes
        self._digest.update(data)
        self.size_bytes += memoryview(data).nbytes
        return self._file.write(data)

    def flush(self) -> None:
        if not self._is_abandoned:
            self._file.flush()

    def close(self) -> None:
        if not self._is_abandoned and not self._file.closed:
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())

    def abandon(self) -> None:
        """Nobody wants the file any more: what its writer still writes, to end itself, goes nowhere."""
        self._is_abandoned = True
        with suppress(OSError):
            self._file.close()


@contextmanager
def folder_when_done(directory: Path) -> Iterator[Path]:
    """DIR.partial, which is renamed to ``directory`` at the end, and is gone again if anything went wrong.

    ConfigurationError when ``directory`` is there and not empty, or another export is writing it; DiskUnavailable
    when it can't be written.
    """
    directory = directory.resolve()
    _check_free(directory)
    partial = directory.with_name(directory.name + ".partial")
    with _disk_faults_told(directory):
        _make(partial)
        try:
            yield partial
            _sync_folders(partial)
            partial.rename(directory)
            _sync(directory.parent)
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def _check_free(directory: Path) -> None:
    if directory == directory.parent:
        raise ConfigurationError(f"{directory} is no folder that an export can make: name one that is not there yet")
    try:
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise ConfigurationError(f"{directory} is there and not empty: name a folder that is not there yet")
    except OSError as error:
        raise ConfigurationError(f"{directory} can't be looked into: {error.strerror}") from None


def _make(partial: Path) -> None:
    partial.parent.mkdir(parents=True, exist_ok=True)
    try:
        partial.mkdir()
    except FileExistsError:
        raise ConfigurationError(
            f"{partial} is there: another export is writing it, or one was killed; in that case delete it"
        ) from None


@contextmanager
def _disk_faults_told(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise DiskUnavailable(f"{directory} can't be written: {reason}; nothing of the export is left there") from None


def _sync_folders(top: Path) -> None:
    for folder, _, _ in os.walk(top):
        _sync(Path(folder))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
