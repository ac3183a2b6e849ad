"""The files of a static-ct log (c2sp.org/static-ct-api, tlog-tiles, tlog-checkpoint): bytes in, values out.

Every parser is total: any input gives a value or MalformedEntry, in time and memory linear in its size.
"""

from ctcollect.protocol.static_ct.checkpoint import Checkpoint, origin_of, parse_checkpoint, write_checkpoint
from ctcollect.protocol.static_ct.entry import TileLeaf, parse_data_tile, tile_leaf
from ctcollect.protocol.static_ct.tiles import (
    DATA,
    TILE_LEVELS,
    TILE_WIDTH,
    Tile,
    data_tile,
    issuer_path,
    parse_tile_path,
    split_hashes,
    tile_in,
    tile_path,
    tile_width,
)
from ctcollect.protocol.static_ct.zip_parts import LEVELS_OF_A_PART, PART_ENTRIES, part_number

__all__ = [
    "DATA",
    "LEVELS_OF_A_PART",
    "PART_ENTRIES",
    "TILE_LEVELS",
    "TILE_WIDTH",
    "Checkpoint",
    "Tile",
    "TileLeaf",
    "data_tile",
    "issuer_path",
    "origin_of",
    "parse_checkpoint",
    "parse_data_tile",
    "parse_tile_path",
    "part_number",
    "split_hashes",
    "tile_in",
    "tile_leaf",
    "tile_path",
    "tile_width",
    "write_checkpoint",
]
