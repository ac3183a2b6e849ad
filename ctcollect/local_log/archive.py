"""Writes a local log as an archive, as github.com/geomys/ct-archive does: zip files with all that proves them."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import orjson

from ctcollect.errors import ConfigurationError
from ctcollect.local_log.log import LocalLog
from ctcollect.local_log.log_list import log_entry
from ctcollect.local_log.static_ct import data_tile_bytes, hash_tile_bytes
from ctcollect.protocol.static_ct import (
    DATA,
    LEVELS_OF_A_PART,
    TILE_WIDTH,
    Tile,
    data_tile,
    issuer_path,
    origin_of,
    tile_in,
    tile_path,
    write_checkpoint,
)

README = "Tiles of a Certificate Transparency log (c2sp.org/static-ct-api), made by ctcollect's local log for tests.\n"


def write_archive(
    log: LocalLog, folder: Path, url: str, *, with_issuers: bool = True, levels: int = LEVELS_OF_A_PART
) -> list[Path]:
    """The zip files of what the log has published, in ``folder``; ``url`` is the log's submission prefix.

    Some real archives lack the issuers. A zip file is of 256^levels entries: 3 in real ones. ConfigurationError when
    the folder can't be written.
    """
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(-(-log.published // TILE_WIDTH**levels)):
            paths.append(folder / f"{number:03d}.zip")
            with ZipFile(paths[-1], "w") as zip_file:
                _write_described(zip_file, log, url, with_issuers)
                _write_tiles(zip_file, log, number, levels)
    except OSError as error:
        raise ConfigurationError(f"cannot write {folder}: {error.strerror}") from None
    return paths


def _write_described(zip_file: ZipFile, log: LocalLog, url: str, with_issuers: bool) -> None:
    checkpoint = write_checkpoint(origin_of(url), log.head(), log.log_id)
    described = {name: value for name, value in log_entry(log, {"url": url}).items() if name not in ("state", "mmd")}
    zip_file.writestr("README.txt", README)
    zip_file.writestr("checkpoint", checkpoint)
    zip_file.writestr("log.v3.json", orjson.dumps(described, option=orjson.OPT_INDENT_2))
    for fingerprint, certificate in log.issuers.items() if with_issuers else ():
        zip_file.writestr(issuer_path(bytes.fromhex(fingerprint)), certificate, ZIP_DEFLATED)


def _write_tiles(zip_file: ZipFile, log: LocalLog, number: int, levels: int) -> None:
    for tile in _tiles(number, log.published, levels):
        if tile.level == DATA:
            zip_file.writestr(tile_path(tile), data_tile_bytes(log, tile), ZIP_DEFLATED)
        else:
            zip_file.writestr(tile_path(tile), hash_tile_bytes(log, tile), ZIP_STORED)


def _tiles(number: int, size: int, levels: int) -> Iterator[Tile]:
    """The higher and the partial tiles of the tree, and of the lower levels what is of this part alone."""
    for level in range(-(-size.bit_length() // 8)):
        own = _own(number, levels - 1 - level)
        for index in range(-(-(size >> 8 * level) // TILE_WIDTH)):
            tile = tile_in(level, index, size)
            if level >= levels or not tile.is_whole or index in own:
                yield tile
    own = _own(number, levels - 1)
    for index in range(own.start, min(own.stop, -(-size // TILE_WIDTH))):
        yield data_tile(index, size)


def _own(number: int, levels_above: int) -> range:
    """The tiles of a part on a level with so many divided levels above it; none when it is not divided itself."""
    width = TILE_WIDTH**levels_above if levels_above >= 0 else 0
    return range(number * width, (number + 1) * width)
