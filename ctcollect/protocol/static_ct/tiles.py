"""Tiles: where a static-ct log keeps which entries and hashes (c2sp.org/tlog-tiles)."""

from typing import Literal, NamedTuple

from ctcollect.errors import MalformedEntry
from ctcollect.protocol.merkle import HASH_BYTES

TILE_WIDTH = 256
# A tile of hashes spans so many levels of the tree.
TILE_LEVELS = 8
MAX_DIGITS = 18
DATA: Literal["data"] = "data"


class Tile(NamedTuple):
    """The ``width`` (1 to 256) first elements of tile ``number`` of ``level``; a tile of 256 is whole, else partial.

    Element i of level L is the root of the 256^L leaves from ``(256 * number + i) * 256^L`` on; of level DATA it is
    an entry.
    """

    level: int | Literal["data"]
    number: int
    width: int

    @property
    def is_whole(self) -> bool:
        return self.width == TILE_WIDTH

    @property
    def whole(self) -> "Tile":
        """The same tile when the tree has grown over its end."""
        return self._replace(width=TILE_WIDTH)


def tile_path(tile: Tile) -> str:
    """``tile/<L>/<N>[.p/<W>]``, with N in groups of three digits: 1234067 is x001/x234/067."""
    groups = [f"{tile.number % 1000:03d}"]
    rest = tile.number // 1000
    while rest:
        groups.insert(0, f"x{rest % 1000:03d}")
        rest //= 1000
    partial = "" if tile.is_whole else f".p/{tile.width}"
    return f"tile/{tile.level}/{'/'.join(groups)}{partial}"


def parse_tile_path(path: str) -> Tile:
    """The tile that tile_path() gives this path; MalformedEntry when there is none."""
    _, _, rest = path.partition("/")
    level, _, name = rest.partition("/")
    number, _, width = name.partition(".p/")
    groups = number.replace("/", "").replace("x", "")
    numbers = (groups, width or str(TILE_WIDTH), "0" if level == DATA else level)
    if not all(each.isascii() and each.isdigit() and len(each) <= MAX_DIGITS for each in numbers):
        raise MalformedEntry(f"{path[:100]!r} is no tile")
    tile = Tile(DATA if level == DATA else int(level), int(groups), int(width or TILE_WIDTH))
    if not 0 < tile.width <= TILE_WIDTH or tile_path(tile) != path:
        raise MalformedEntry(f"{path[:100]!r} is no tile")
    return tile


def issuer_path(fingerprint: bytes) -> str:
    """``issuer/<SHA-256 of the certificate, hex>``."""
    return f"issuer/{fingerprint.hex()}"


def tile_width(level: int, index: int, tree_size: int) -> int:
    """How wide the tile is in a tree of this size: 0 (none such) to 256."""
    return min(max((tree_size >> TILE_LEVELS * level) - index * TILE_WIDTH, 0), TILE_WIDTH)


def tile_in(level: int, index: int, tree_size: int) -> Tile:
    """That tile of hashes as a tree of this size has it."""
    return Tile(level, index, tile_width(level, index, tree_size))


def data_tile(index: int, tree_size: int) -> Tile:
    """That tile of entries as a tree of this size has it."""
    return Tile(DATA, index, tile_width(0, index, tree_size))


def split_hashes(tile: bytes, width: int) -> list[bytes]:
    """The hashes of a tile that holds ``width`` of them; MalformedEntry when it is shorter or longer."""
    if len(tile) != width * HASH_BYTES:
        raise MalformedEntry(f"{len(tile)} bytes, not {width} hashes")
    return [bytes(tile[at : at + HASH_BYTES]) for at in range(0, len(tile), HASH_BYTES)]
