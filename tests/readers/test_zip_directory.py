"""The directory of a zip file is kept in little memory, and finds what zipfile's own finds."""

import tracemalloc
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from ctcollect.protocol.static_ct import DATA, Tile, tile_path
from ctcollect.readers.zip_directory import SmallZipFile

MEMBERS = 20_000
MOST_BYTES_A_MEMBER = 100


def test_a_large_directory(tmp_path: Path) -> None:
    """A member takes less than 100 bytes; each is found, and read as zipfile reads it."""
    paths = [tile_path(Tile(DATA, number, 256)) for number in range(MEMBERS)]
    with ZipFile(tmp_path / "000.zip", "w") as zip_file:
        for number, path in enumerate(paths):
            zip_file.writestr(path, path * 3, ZIP_DEFLATED if number % 2 else ZIP_STORED)
    tracemalloc.start()
    with SmallZipFile(tmp_path / "000.zip") as zip_file:
        assert tracemalloc.get_traced_memory()[0] < MEMBERS * MOST_BYTES_A_MEMBER
        tracemalloc.stop()
        for path in paths[::97]:
            with zip_file.open(zip_file.getinfo(path)) as member:
                assert member.read().decode() == path * 3
        assert sorted(zip_file.names()) == sorted(paths)
        for missing in ("", "tile/data/x019/999a", "tile", "zzz", "tile/data/x020/000", "é"):
            with pytest.raises(KeyError):
                zip_file.getinfo(missing)


def test_strange_names(tmp_path: Path) -> None:
    """Of two members with one name the last one counts; one with a NUL in it is no other's; an empty file has none."""
    path = tmp_path / "strange.zip"
    with ZipFile(path, "w") as zip_file:
        zip_file.writestr("é", b"first")
        with pytest.warns(UserWarning, match="Duplicate"):
            zip_file.writestr("é", b"second")
        zip_file.writestr("checkpoint", b"third")
    path.write_bytes(path.read_bytes().replace(b"checkpoint", b"check\0oint"))
    with SmallZipFile(path) as zip_file:
        assert list(zip_file.names()) == ["é", "é"]
        assert zip_file.read(zip_file.getinfo("é")) == b"second"
        for name in ("check", "check\0oint"):
            with pytest.raises(KeyError):
                zip_file.getinfo(name)
    ZipFile(path, "w").close()
    with SmallZipFile(path) as zip_file:
        assert list(zip_file.names()) == []
