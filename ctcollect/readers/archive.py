"""An archive of a log (github.com/geomys/ct-archive): zip files of 2^24 entries each, with all that proves them.

``<N>.zip`` holds the whole tiles of levels data, 0, 1 and 2 of the entries [N * 2^24, (N + 1) * 2^24), and each zip
file has the checkpoint, ``log.v3.json``, the issuers, the higher and the partial tiles.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from ctcollect.errors import BadAnswer, CtcollectError, LogUnavailable, MalformedEntry, NotHere
from ctcollect.protocol.codec import decode_base64
from ctcollect.protocol.static_ct import DATA, LEVELS_OF_A_PART, part_number
from ctcollect.readers.zip_part import Asker, ZipPart, local_part, number_in, remote_part

LOG_FILE = "log.v3.json"
LOG_FILE_MAX_BYTES = 2**20
OPEN_AT_ONCE = 3
LOOK_AGAIN_SECONDS = 60.0


def log_file(part: ZipPart, asker: Asker) -> Mapping[str, object]:
    """What ``log.v3.json`` says: a log as log lists have it. BadAnswer when it is none."""
    document = _json(part.read(LOG_FILE, LOG_FILE_MAX_BYTES, asker))
    if not isinstance(document, dict):
        raise BadAnswer(f"{part.name}: {LOG_FILE} is no description of a log")
    return document


def log_id_of(part: ZipPart, asker: Asker) -> bytes:
    """The log whose entries a zip file says that it holds."""
    try:
        return decode_base64(str(log_file(part, asker).get("log_id")), "log_id")
    except MalformedEntry as error:
        raise BadAnswer(f"{part.name}: {LOG_FILE}: {error}") from None


def _json(body: bytes) -> object:
    try:
        return orjson.loads(body)
    except ValueError:
        return None


class Archive:
    """The zip files of one log, by number: some local ones, or all those under ``url``. Thread-safe."""

    def __init__(self, parts: Mapping[int, ZipPart], url: str = "") -> None:
        self._parts = dict(parts)
        self._url = url
        self._last: ZipPart | None = None

    def part(self, number: int | None) -> ZipPart:
        """That zip file, or for None the one that was used last. NotHere when this machine has not got it."""
        if number is None:
            number = next(iter(self.numbers()), 0)
            part = self._last
        else:
            part = None
        part = part or self._parts.get(number)
        if part is None and self._url:
            part = self._parts.setdefault(number, remote_part(f"{self._url}{number:03d}.zip"))
        if part is None:
            raise NotHere(f"{number:03d}.zip of this archive is not on this machine (CTCOLLECT_ARCHIVES)")
        self._last = part
        return part

    def numbers(self) -> list[int]:
        """Of the zip files that are known to be there, in order."""
        return sorted(self._parts)

    def renew(self, found: "Archive") -> None:
        """The zip files that are there now: what was known of those that stay is kept."""
        self._parts = {number: self._parts.get(number, part) for number, part in found._parts.items()}
        self._last = None


def archive_at(location: str, asker: Asker) -> Archive:
    """The archive at a url (of its folder, or of one of its files) or in local files, one path a line.

    LogUnavailable when there is none, BadAnswer when a zip file can't be read.
    """
    if "://" in location:
        folder = location if location.endswith("/") else location + "/"
        if location.endswith(".zip"):
            folder = location.rpartition("/")[0] + "/"
        return Archive({}, folder)
    return local_archive(map(Path, location.splitlines()), asker)


def local_archive(paths: Iterable[Path], asker: Asker) -> Archive:
    """The zip files among ``paths`` and in the folders among them."""
    files = [file for path in paths for file in (sorted(path.glob("*.zip")) if path.is_dir() else [path])]
    parts = {}
    for file in files:
        part = local_part(file)
        parts[_number(part, file.name, asker)] = part
    if not parts:
        raise LogUnavailable("there is no zip file")
    return Archive(parts)


def _number(part: ZipPart, name: str, asker: Asker) -> int:
    """By the file's name, or else by the entries in it."""
    number = number_in(name)
    if number is None:
        first = next((path for path in part.paths(asker) if path.startswith(f"tile/{DATA}/")), "")
        number = part_number(first)
    if number is None:
        raise BadAnswer(f"{part.name} holds no entries of a log")
    return number


class ArchiveSource:
    """The files of an archived log, as StaticReader asks for them."""

    def __init__(self, archives: "Archives", archive: Archive, log_id: bytes, asker: Asker) -> None:
        self._archives = archives
        self._archive = archive
        self._log_id = log_id
        self._asker = asker

    def get(self, path: str) -> bytes:
        part = self._archive.part(part_number(path, self._archives.part_levels))
        try:
            self._archives.check(part, self._log_id, self._asker)
            return part.read(path, self._asker.http.settings.answer_max_bytes, self._asker)
        finally:
            self._archives.used(part)


@dataclass
class Archives:
    """The archives that this process reads, found once; at most OPEN_AT_ONCE zip files stay open. Thread-safe.

    Each zip file divides ``part_levels`` levels of the tree.
    """

    part_levels: int = LEVELS_OF_A_PART
    _found: dict[bytes, Archive] = field(default_factory=dict)
    _folders: dict[Path, Archive] = field(default_factory=dict)
    _at: dict[str, Archive] = field(default_factory=dict)
    _checked: dict[ZipPart, bytes] = field(default_factory=dict)
    _open: list[ZipPart] = field(default_factory=list)
    _looked_at: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def source(self, log_id: bytes, location: str, asker: Asker) -> ArchiveSource:
        """The log's files from the machine's own folders, or else from ``location``. NotHere when neither has them."""
        with self._lock:
            self._look_around(asker)
            archive = self._found.get(log_id)
            if archive is None and location:
                archive = self._at.get(location) or self._at.setdefault(location, archive_at(location, asker))
        if archive is None:
            raise NotHere("no archive of this log is on this machine (CTCOLLECT_ARCHIVES)")
        return ArchiveSource(self, archive, log_id, asker)

    def here(self, asker: Asker) -> dict[bytes, list[int]]:
        """The numbers of the zip files in the machine's own folders, by log_id."""
        with self._lock:
            self._look_around(asker)
            return {log_id: archive.numbers() for log_id, archive in self._found.items()}

    def _look_around(self, asker: Asker) -> None:
        """What has come since the last look, or is gone, is noticed within a minute."""
        if time.monotonic() <= self._looked_at + LOOK_AGAIN_SECONDS:
            return
        self._looked_at = time.monotonic()
        folders = folders_with_archives(asker.http.settings.archives)
        for folder in folders:
            self._look_into(folder, asker)
        for gone in self._folders.keys() - set(folders):
            self._folders.pop(gone).renew(Archive({}))

    def _look_into(self, folder: Path, asker: Asker) -> None:
        with suppress(CtcollectError):  # not an archive, or one that can't be read: others may be
            archive = local_archive([folder], asker)
            if folder not in self._folders:
                with closing(archive.part(None)) as part:
                    self._found.setdefault(log_id_of(part, asker), archive)
                self._folders[folder] = archive
            self._folders[folder].renew(archive)

    def check(self, part: ZipPart, log_id: bytes, asker: Asker) -> None:
        """BadAnswer for a zip file of another log."""
        if part not in self._checked:
            self._checked[part] = log_id_of(part, asker)
        if self._checked[part] != log_id:
            raise BadAnswer(f"{part.name} is the archive of another log")

    def used(self, part: ZipPart) -> None:
        """Close what was not used for longest."""
        with self._lock:
            self._open = [each for each in self._open if each is not part] + [part]
            closing, self._open = self._open[:-OPEN_AT_ONCE], self._open[-OPEN_AT_ONCE:]
        for each in closing:
            each.close()

    def close(self) -> None:
        """Close every zip file."""
        with self._lock:
            closing, self._open = self._open, []
        for each in closing:
            each.close()


def folders_with_archives(setting: str) -> list[Path]:
    """The folders of a comma list, and those in them, that hold zip files."""
    roots = [Path(each.strip()).expanduser() for each in setting.split(",") if each.strip()]
    folders = [folder for root in roots for folder in (root, *sorted(root.glob("*/")))]
    return [folder for folder in folders if any(folder.glob("*.zip"))]
