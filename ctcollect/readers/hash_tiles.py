"""A log's Merkle tree, read from tiles of hashes that are proven to belong to it."""

from collections.abc import Callable
from functools import cached_property

from ctcollect.errors import BadAnswer, NotYet
from ctcollect.protocol.merkle import EMPTY_ROOT, audit_path_spans, consistency_spans, span_root, tree_root
from ctcollect.protocol.static_ct import TILE_LEVELS, TILE_WIDTH, Tile, split_hashes, tile_in, tile_path
from ctcollect.readers.caches import BytesCache

HASH_TILES_MAX_BYTES = 16 * 2**20

TileCache = BytesCache[tuple[bytes, int, int]]


class HashTiles:
    """The tree of the log's first ``size`` entries, whose root is ``root``: signed, and verified by the caller.

    No hash is used before it is proven: the partial tiles at the tree's right edge together give the root, and each
    whole tile gives one hash of the tile above it. BadAnswer when they do not. Whole tiles that are proven stay in
    ``cache``, under the log's id. ``read`` gives the hashes of a tile, as many as it is wide.
    """

    def __init__(
        self, read: Callable[[Tile], list[bytes]], size: int, root: bytes, log_id: bytes, cache: TileCache
    ) -> None:
        self.size = size
        self._read = read
        self._root = root
        self._log_id = log_id
        self._cache = cache

    def audit_path(self, index: int, size: int) -> tuple[bytes, ...]:
        """PATH(index, D[size]), from the leaf upwards (RFC 6962 2.1.1); NotYet for more than this tree holds."""
        self._check(index < size <= self.size, size)
        return tuple(span_root(start, end, self._node) for start, end in audit_path_spans(index, size))

    def consistency_proof(self, first: int, second: int) -> tuple[bytes, ...]:
        """PROOF(first, D[second]) (RFC 6962 2.1.2); NotYet for more than this tree holds."""
        self._check(first <= second <= self.size, second)
        return tuple(span_root(start, end, self._node) for start, end in consistency_spans(first, second))

    def _check(self, is_inside: bool, size: int) -> None:
        if not is_inside:
            raise NotYet(f"a proof for {size:,} entries was asked of a tree of {self.size:,}")

    def _node(self, level: int, index: int) -> bytes:
        """The hash over the leaves [index << level, (index + 1) << level)."""
        tile_level, inside = divmod(level, TILE_LEVELS)
        number, first = divmod(index << inside, TILE_WIDTH)
        return tree_root(self._hashes(tile_level, number)[first : first + (1 << inside)])

    def _hashes(self, level: int, index: int) -> list[bytes]:
        tile = tile_in(level, index, self.size)
        if not tile.is_whole:
            return self._edge[level]
        kept = self._cache.get((self._log_id, level, index))
        if kept is not None:
            return split_hashes(kept, TILE_WIDTH)
        hashes = self._read(tile)
        parent, place = divmod(index, TILE_WIDTH)
        if tree_root(hashes) != self._hashes(level + 1, parent)[place]:
            raise BadAnswer(f"{tile_path(tile)} does not lead to the signed root")
        self._cache.put((self._log_id, level, index), b"".join(hashes))
        return hashes

    @cached_property
    def _edge(self) -> dict[int, list[bytes]]:
        """The hashes of the partial tiles, by level: all of the tree that is in no whole tile."""
        edge = {}
        for level in range(-(-self.size.bit_length() // TILE_LEVELS)):
            tile = tile_in(level, (self.size >> TILE_LEVELS * level) // TILE_WIDTH, self.size)
            if tile.width:
                edge[level] = self._read(tile)
        if self._edge_root(edge) != self._root:
            raise BadAnswer(f"the tiles of {self.size:,} entries do not lead to the signed root")
        return edge

    def _edge_root(self, edge: dict[int, list[bytes]]) -> bytes:
        def node(level: int, index: int) -> bytes:
            tile_level, inside = divmod(level, TILE_LEVELS)
            first = (index << inside) % TILE_WIDTH
            return tree_root(edge[tile_level][first : first + (1 << inside)])

        return span_root(0, self.size, node) if self.size else EMPTY_ROOT
