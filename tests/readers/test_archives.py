"""Zip files that are no archive, or a damaged one: one clear line, and no more memory than a member may take."""

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest

from ctcollect.client import Http
from ctcollect.errors import BadAnswer, CtcollectError, LogUnavailable, NotHere, NotThere
from ctcollect.local_log import LocalLog
from ctcollect.local_log.archive import write_archive
from ctcollect.pace import Gate, Pace
from ctcollect.protocol.rfc6962 import ExtraData, parse_extra_data, parse_leaf
from ctcollect.protocol.static_ct import part_number
from ctcollect.readers import Place, Shared, open_reader
from ctcollect.readers.zip_part import Asker, local_part, number_in, remote_part
from ctcollect.settings import Settings
from tests.file_server import serve_files

FOREVER = float("inf")
LOG = LocalLog.generate("demo", 600, seed=5, jp_share=0.1)
OTHER = LocalLog.generate("other", 10, seed=6)
URL = "https://demo.example.jp/log/"
SETTINGS = Settings(allow_local_logs=True)


@pytest.fixture
def asker() -> Iterator[Asker]:
    http = Http(SETTINGS, Gate([Pace(1e5, 1e5)]))
    yield Asker(http, FOREVER)
    http.close()


@pytest.fixture
def zip_path(tmp_path: Path) -> Path:
    (path,) = write_archive(LOG, tmp_path, URL)
    return path


def test_which_zip_file_has_a_tile() -> None:
    """2^24 entries each: 65,536 tiles of entries and of level 0, 256 of level 1, one of level 2; the rest is in all."""
    found = [part_number(f"tile/{tile}") for tile in ("data/x065/535", "data/x065/536", "0/x131/072", "1/256", "2/007")]
    assert found == [0, 1, 2, 1, 7]
    assert part_number("tile/data/x131/072.p/3") == 2
    everywhere = ("checkpoint", "issuer/00", "log.v3.json", "tile/3/000", "tile/0/x131/072.p/3", "tile/2/007.p/9")
    assert {part_number(path) for path in everywhere} == {None}
    assert [number_in(name) for name in ("003.zip", "yeti2022-012.zip", "demo.zip")] == [3, 12, None]


def damaged(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(change(path.read_bytes()))

    return write


def packed(name: str, body: bytes, method: int = ZIP_DEFLATED) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with ZipFile(path, "w", method) as zip_file:
            zip_file.writestr(name, body)

    return write


def in_the_middle(data: bytes) -> bytes:
    """Some bytes of the first tile's packed entries are others."""
    at = data.index(b"tile/data/000") + 1000
    return data[:at] + bytes(16) + data[at + 16 :]


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (damaged(lambda data: data[: len(data) // 2]), "not a zip file"),
        (damaged(lambda data: b"<html>" * 20), "not a zip file"),
        (damaged(lambda data: b""), "not a zip file"),
        (damaged(lambda data: data[:-22] + b"\xff" * 16 + data[-6:]), "zip"),
        (damaged(in_the_middle), "tile/data/000: (Bad CRC-32|Error -3)"),
        (packed("tile/data/000", b"entries" * 100, ZIP_BZIP2), "packed by method 12: not read"),
        (packed("tile/data/000", bytes(200 * 2**20)), "209,715,200 bytes, packed by method 8: not read"),
    ],
)
def test_a_damaged_zip_file(zip_path: Path, asker: Asker, spoil: Callable[[Path], object], line: str) -> None:
    """BadAnswer in one line, which names the file."""
    spoil(zip_path)
    part = local_part(zip_path)
    with pytest.raises(BadAnswer, match=f"^{zip_path}.*{line}[^\n]*$"):
        part.read("tile/data/000", 64 * 2**20, asker)
    part.close()


def test_what_is_not_in_it(zip_path: Path, asker: Asker) -> None:
    """A member that is missing is told from a damaged file; a name is a name in the directory and never a path."""
    part = local_part(zip_path)
    for path in ("tile/data/007", "../000.zip", "/etc/hostname", str(zip_path)):
        with pytest.raises(NotThere, match=f"{zip_path} has no "):
            part.read(path, 1000, asker)
    part.close()
    with pytest.raises(LogUnavailable, match="can't be read: No such file"):
        local_part(zip_path.with_name("none.zip")).read("checkpoint", 1000, asker)


def test_a_member_that_is_larger_than_it_says(zip_path: Path, asker: Asker) -> None:
    """What a zip bomb says of its size is all that is unpacked of it."""
    packed("tile/data/000", bytes(200 * 2**20))(zip_path)
    lie, truth = (1000).to_bytes(4, "little"), (200 * 2**20).to_bytes(4, "little")
    zip_path.write_bytes(zip_path.read_bytes().replace(truth, lie))
    part = local_part(zip_path)
    tracemalloc.start()
    with pytest.raises(BadAnswer, match="CRC"):
        part.read("tile/data/000", 64 * 2**20, asker)
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()
    part.close()


def test_a_host_that_gives_whole_files_only(zip_path: Path, asker: Asker) -> None:
    """The file is not downloaded: the line says what to do instead."""
    with serve_files(zip_path.parent) as files:
        files.gives_parts = False
        with pytest.raises(BadAnswer, match="gives whole files only: download it and name the file here"):
            remote_part(f"{files.url}000.zip").read("checkpoint", 1000, asker)


@pytest.mark.parametrize("target", ["http://10.0.0.1/000.zip", "https://127.0.0.1/000.zip", "/elsewhere"])
def test_where_a_url_must_not_lead(zip_path: Path, target: str) -> None:
    """To an address that is not public, or round and round."""
    with serve_files(zip_path.parent) as files:
        files.moved = {"/000.zip": target, "/elsewhere": "/000.zip"}
        http = Http(SETTINGS, Gate([Pace(1e5, 1e5)]))
        part = remote_part(f"{files.url}000.zip")
        if target.startswith("/"):
            with pytest.raises(BadAnswer, match="leads on and on"):
                part.read("checkpoint", 1000, Asker(http, FOREVER))
        else:
            strict = Http(replace(SETTINGS, allow_local_logs=False), Gate([Pace(1e5, 1e5)]))
            with pytest.raises(CtcollectError, match="not https on a public address"):
                part.read("checkpoint", 1000, Asker(strict, FOREVER))
        http.close()


def reader_of(folder: Path, asker: Asker, shared: Shared, log: LocalLog = LOG) -> object:
    asker.http.settings = replace(SETTINGS, archives=str(folder))
    return open_reader(Place("archive", URL, log.log_id), asker.http, FOREVER, shared)


def test_archives_without_issuers(tmp_path: Path, asker: Asker) -> None:
    """Some real ones lack them: entries are whole but for their chains, which the tree does not cover."""
    write_archive(LOG, tmp_path / "demo", URL, with_issuers=False)
    shared = Shared()
    reader = reader_of(tmp_path, asker, shared)
    entries = reader.entries(256, 512)  # type: ignore[attr-defined]
    for position, entry in enumerate(LOG.entries[256:512]):
        kind = parse_leaf(entry.leaf_input).entry_type
        whole = parse_extra_data(entry.extra_data, kind)
        assert entries.leaf_inputs[position] == entry.leaf_input
        assert parse_extra_data(entries.extra_data(position), kind) == ExtraData(whole.pre_certificate, ())
    shared.archives.close()


def test_whose_archive_it_is(tmp_path: Path, asker: Asker) -> None:
    """Found by the log's id; a zip file of another log in between is told, and an unknown log has none here."""
    write_archive(LOG, tmp_path / "demo", URL)
    (other,) = write_archive(OTHER, tmp_path / "other", "https://other.example.jp/")
    (tmp_path / "rubbish").mkdir()
    (tmp_path / "rubbish" / "000.zip").write_bytes(b"rubbish")
    shared = Shared()
    assert reader_of(tmp_path, asker, shared).tree_head() == LOG.head()  # type: ignore[attr-defined]
    assert reader_of(tmp_path, asker, shared, OTHER).tree_head() == OTHER.head()  # type: ignore[attr-defined]
    with pytest.raises(NotHere, match="CTCOLLECT_ARCHIVES"):
        reader_of(tmp_path, asker, shared, LocalLog.generate("third", 1, seed=7))
    shared.archives.close()
    mixed = Shared()
    place = Place("archive", URL, LOG.log_id, archive=str(other))
    asker.http.settings = SETTINGS
    with pytest.raises(BadAnswer, match="is the archive of another log"):
        open_reader(place, asker.http, FOREVER, mixed).tree_head()
    mixed.archives.close()
