"""Tiles: their names, and the entries in them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.errors import MalformedEntry
from ctcollect.local_log import LocalLog
from ctcollect.protocol.merkle import leaf_hash
from ctcollect.protocol.rfc6962 import parse_leaf
from ctcollect.protocol.static_ct import (
    DATA,
    Tile,
    parse_data_tile,
    parse_tile_path,
    split_hashes,
    tile_leaf,
    tile_path,
    tile_width,
)

LOG = LocalLog.generate("demo", 256, seed=3, odd_share=0.1)
TILE = b"".join(tile_leaf(entry.leaf_input, entry.extra_data).encode() for entry in LOG.entries)


def test_names_of_tiles() -> None:
    """The example of c2sp.org/tlog-tiles, a data tile, and a partial one."""
    assert tile_path(Tile(0, 1234067, 256)) == "tile/0/x001/x234/067"
    assert tile_path(Tile(DATA, 5, 256)) == "tile/data/005"
    assert tile_path(Tile(3, 999, 17)) == "tile/3/999.p/17"


@given(st.sampled_from([DATA, 0, 1, 5]), st.integers(0, 10**12), st.integers(1, 256))
def test_each_tile_has_one_name(level: int, number: int, width: int) -> None:
    """A name leads back to its tile."""
    assert parse_tile_path(tile_path(Tile(level, number, width))) == Tile(level, number, width)


@pytest.mark.parametrize(
    "path",
    ["tile/0/5", "tile/0/x001", "tile/0/005.p/0", "tile/0/005.p/256", "tile/-1/005", "tile/x/005", "tile/0/x005/7"],
)
def test_what_is_no_name_of_a_tile(path: str) -> None:
    """One tile has one name: other ways to write it are none."""
    with pytest.raises(MalformedEntry):
        parse_tile_path(path)


def test_widths() -> None:
    """A tile is as wide as the tree reaches."""
    assert [tile_width(0, number, 700) for number in range(4)] == [256, 256, 188, 0]
    assert [tile_width(1, 0, size) for size in (255, 256, 700, 2**16, 2**20)] == [0, 1, 2, 256, 256]


def test_entries_are_those_of_rfc_6962() -> None:
    """leaf_input and extra_data come back byte by byte, with the issuers by their hashes."""
    leaves = parse_data_tile(TILE, 256)
    found = [(leaf.leaf_input, leaf.extra_data(lambda each: LOG.issuers[each.hex()])) for leaf in leaves]
    assert found == [(entry.leaf_input, entry.extra_data) for entry in LOG.entries]


def test_a_chain_ends_before_an_issuer_that_nobody_has() -> None:
    """What is known of the chain stays, up to there."""
    leaf = next(leaf for leaf in parse_data_tile(TILE, 256) if len(leaf.chain) > 1)
    first = {leaf.chain[0]: b"first"}
    assert leaf.extra_data(first.get) == leaf.pre_certificate + b"\0\0\x08" + b"\0\0\x05first"
    assert leaf.extra_data({leaf.chain[1]: b"second"}.get) == leaf.pre_certificate + b"\0\0\0"


@pytest.mark.parametrize("tile", [TILE[:-1], TILE + b"\0", TILE[:8] + b"\0\x07" + TILE[10:], b""])
def test_what_is_no_tile_of_256_entries(tile: bytes) -> None:
    """A tile that is too short or too long, or in which an entry's end can't be told, is none at all."""
    with pytest.raises(MalformedEntry):
        parse_data_tile(tile, 256)


@given(st.integers(0, len(TILE) - 1), st.integers(1, 255))
def test_any_byte_may_be_wrong(at: int, bits: int) -> None:
    """A damaged tile is malformed, or has entries of which at least one is another: never anything else."""
    try:
        leaves = parse_data_tile(TILE[:at] + bytes([TILE[at] ^ bits]) + TILE[at + 1 :], 256)
    except MalformedEntry:
        return
    assert leaves != parse_data_tile(TILE, 256)


def test_real_tiles(shared_data: Path) -> None:
    """Tiles of a production log: each entry has the hash that the tile of hashes gives, and its own index in it."""
    folder = shared_data / "static-ct" / "navigli2025h2" / "tile"
    for name, width in [("000", 256), ("001", 256), ("002", 256), ("003", 256), ("003.p/10", 10)]:
        leaves = parse_data_tile((folder / "data" / name).read_bytes(), width)
        hashes = split_hashes((folder / "0" / name).read_bytes(), width)
        assert [leaf_hash(leaf.leaf_input) for leaf in leaves] == hashes
        for index, leaf in enumerate(leaves, 256 * int(name[:3])):
            # CtExtensions of static-ct-api: leaf_index(0), of 5 bytes.
            assert parse_leaf(leaf.leaf_input).extensions == b"\0\0\x05" + index.to_bytes(5, "big")
            assert leaf.chain
