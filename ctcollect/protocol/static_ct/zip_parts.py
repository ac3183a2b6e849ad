"""How an archive of a log is divided into zip files (github.com/geomys/ct-archive)."""

from ctcollect.errors import MalformedEntry
from ctcollect.protocol.static_ct.tiles import DATA, TILE_LEVELS, TILE_WIDTH, parse_tile_path

# One whole tile of level 2: 2^24 entries. Tests make archives whose zip files have fewer levels, and so fewer entries.
LEVELS_OF_A_PART = 3
PART_ENTRIES = TILE_WIDTH**LEVELS_OF_A_PART


def part_number(path: str, levels: int = LEVELS_OF_A_PART) -> int | None:
    """Which zip file has this file: that of its entries. None for what each of them has.

    ``levels`` of hashes are divided, so that a zip file is of 256^levels entries.
    """
    try:
        tile = parse_tile_path(path)
    except MalformedEntry:
        return None
    if tile.level == DATA:
        return tile.number >> TILE_LEVELS * (levels - 1)
    if not tile.is_whole or tile.level >= levels:
        return None
    return tile.number >> TILE_LEVELS * (levels - 1 - tile.level)
