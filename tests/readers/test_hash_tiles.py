"""Proofs that are computed from tiles of hashes."""

import random

import pytest

from ctcollect.errors import BadAnswer, NotYet
from ctcollect.protocol.merkle import MerkleTree, leaf_hash
from ctcollect.protocol.static_ct import Tile
from ctcollect.readers.hash_tiles import HASH_TILES_MAX_BYTES, HashTiles, TileCache

SIZES = [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_793, 66_000]
TREE = MerkleTree(leaf_hash(number.to_bytes(3, "big")) for number in range(SIZES[-1]))
LOG_ID = bytes(32)


class Tiles:
    """The tiles of TREE; ``false`` has one bit of its first hash wrong."""

    def __init__(self, false: tuple[int, int] | None = None) -> None:
        self.read: list[Tile] = []
        self.false = false

    def __call__(self, tile: Tile) -> list[bytes]:
        self.read.append(tile)
        first = 256 * tile.number
        hashes = [TREE.node(8 * int(tile.level), first + at) for at in range(tile.width)]
        if (tile.level, tile.number) == self.false:
            hashes[0] = bytes([hashes[0][0] ^ 1]) + hashes[0][1:]
        return hashes


def tree_of(size: int, tiles: Tiles, cache: TileCache | None = None) -> HashTiles:
    return HashTiles(tiles, size, TREE.root(size), LOG_ID, cache or TileCache(HASH_TILES_MAX_BYTES))


@pytest.mark.parametrize("size", SIZES)
def test_proofs_are_those_of_the_tree(size: int) -> None:
    """Audit paths and consistency proofs, for the tree's own size and for older ones, are the same hashes."""
    tiles, draw = tree_of(size, Tiles()), random.Random(size)
    older = {1, size, *(draw.randint(1, size) for _ in range(6))}
    for each in older:
        for index in {0, each - 1, draw.randrange(each)}:
            assert tiles.audit_path(index, each) == TREE.audit_path(index, each)
        assert tiles.consistency_proof(each, size) == TREE.consistency_proof(each, size)


@pytest.mark.parametrize("false", [(0, 0), (0, 257), (1, 0), (1, 1), (2, 0)])
def test_no_false_hash_is_used(false: tuple[int, int]) -> None:
    """One wrong bit in any tile of the path or of the tree's edge: no proof, and nothing of it stays."""
    cache, size = TileCache(HASH_TILES_MAX_BYTES), SIZES[-1]
    with pytest.raises(BadAnswer, match="lead to the signed root"):
        tree_of(size, Tiles(false), cache).audit_path(0, size)
    assert tree_of(size, Tiles(), cache).audit_path(0, size) == TREE.audit_path(0, size)


def test_whole_tiles_are_read_once() -> None:
    """The readers of a process share what is proven; only the partial tiles of a new head are read again."""
    cache, size = TileCache(HASH_TILES_MAX_BYTES), SIZES[-1]
    tree_of(size, Tiles(), cache).audit_path(0, size)
    again = Tiles()
    tree_of(size, again, cache).audit_path(0, size)
    assert again.read
    assert not any(tile.is_whole for tile in again.read)


def test_no_proof_beyond_the_tree() -> None:
    """A tree proves nothing of a larger one."""
    with pytest.raises(NotYet):
        tree_of(256, Tiles()).audit_path(3, 257)
