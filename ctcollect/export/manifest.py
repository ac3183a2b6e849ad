"""manifest.json: what an export holds, to the octet, and whether a folder still holds it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any, Self

from ctcollect.errors import ConfigurationError

NAME = "manifest.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file, its path relative to the export; ``table`` and ``rows`` are None when it holds no rows of a table."""

    path: str
    bytes: int
    sha256: str
    table: str | None = None
    rows: int | None = None

    def __post_init__(self) -> None:
        if Path(self.path).is_absolute() or ".." in Path(self.path).parts:
            raise ValueError(f"{self.path!r} is outside of the export")


@dataclass(frozen=True, slots=True)
class Manifest:
    """``started_at`` and ``finished_at``: the date of the data, UTC. ``verified_until``: of every range that was
    verified by then, and still is in the table ``ranges``, all certificates are in the export."""

    ctcollect_version: str
    format: str
    started_at: datetime
    finished_at: datetime
    verified_until: datetime | None
    tables: dict[str, int]
    files: tuple[FileEntry, ...]

    def to_json(self) -> str:
        times = {name: _text(getattr(self, name)) for name in ("started_at", "finished_at", "verified_until")}
        files = [{name: value for name, value in asdict(each).items() if value is not None} for each in self.files]
        document = {"manifest_version": VERSION, "ctcollect_version": self.ctcollect_version, "format": self.format}
        return json.dumps({**document, **times, "tables": self.tables, "files": files}, indent=2) + "\n"

    @classmethod
    def from_json(cls, document: Any) -> Self:
        """ValueError, KeyError or TypeError when it is no manifest of this version."""
        if document["manifest_version"] != VERSION:
            raise ValueError(f"manifest_version {document['manifest_version']}")
        return cls(
            ctcollect_version=str(document["ctcollect_version"]),
            format=str(document["format"]),
            started_at=_moment(document["started_at"]),
            finished_at=_moment(document["finished_at"]),
            verified_until=document["verified_until"] and _moment(document["verified_until"]),
            tables={str(name): int(rows) for name, rows in document["tables"].items()},
            files=tuple(FileEntry(**each) for each in document["files"]),
        )

    def paths_of(self, table: str) -> list[str]:
        """The files of a table, in the order of its rows."""
        return [each.path for each in self.files if each.table == table]


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds") + "Z" if moment else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def read_manifest(directory: Path) -> Manifest:
    """ConfigurationError, in a line, when the folder holds no export that this version reads."""
    try:
        return Manifest.from_json(json.loads((directory / NAME).read_bytes()))
    except FileNotFoundError:
        raise ConfigurationError(f"{directory} is no export: it has no {NAME}") from None
    except OSError as error:
        raise ConfigurationError(f"{directory / NAME} can't be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{directory / NAME} is no manifest of this version of ctcollect: {error}") from None


def disagreements(directory: Path, manifest: Manifest) -> Iterator[str]:
    """A line for each file that is missing, changed or not spoken of."""
    for each in manifest.files:
        path = directory / each.path
        try:
            size = path.stat().st_size
            digest = _sha256(path) if size == each.bytes else ""
        except OSError as error:
            yield f"{each.path} can't be read: {error.strerror}"
            continue
        if size != each.bytes:
            yield f"{each.path} has {size:,} bytes, not {each.bytes:,}"
        elif digest != each.sha256:
            yield f"{each.path} has another SHA-256 than the manifest tells"
    yield from _strangers(directory, [each.path for each in manifest.files])


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _strangers(directory: Path, known: Sequence[str]) -> Iterator[str]:
    expected = {*known, NAME}
    found = (path.relative_to(directory).as_posix() for path in sorted(directory.rglob("*")) if path.is_file())
    yield from (f"{path} is not in the manifest" for path in found if path not in expected)
