"""A log that speaks static-ct-api (c2sp.org), read as if it spoke RFC 6962."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from ctcollect.client import Entries, LogReader
from ctcollect.errors import BadAnswer, BadSignature, LogUnavailable, MalformedEntry, NotThere, NotYet, Throttled
from ctcollect.protocol.merkle import leaf_hash
from ctcollect.protocol.rfc6962 import EntryAndProof, SignedTreeHead
from ctcollect.protocol.static_ct import (
    DATA,
    TILE_WIDTH,
    Tile,
    TileLeaf,
    data_tile,
    issuer_path,
    parse_checkpoint,
    parse_data_tile,
    split_hashes,
    tile_path,
)
from ctcollect.readers.archive import Archives
from ctcollect.readers.caches import BytesCache
from ctcollect.readers.hash_tiles import HASH_TILES_MAX_BYTES, HashTiles, TileCache
from ctcollect.readers.sources import Source

logger = logging.getLogger(__name__)

ISSUERS_MAX_BYTES = 16 * 2**20
ISSUER_TRIES = 4
FIRST_PAUSE_SECONDS = 0.25

Issuer = Callable[[bytes], bytes | None]


@dataclass(frozen=True)
class Shared:
    """What the readers of a process keep for each other: issuers by their SHA-256, proven tiles of hashes, archives."""

    issuers: BytesCache[bytes] = field(default_factory=lambda: BytesCache(ISSUERS_MAX_BYTES))
    tiles: TileCache = field(default_factory=lambda: TileCache(HASH_TILES_MAX_BYTES))
    archives: Archives = field(default_factory=Archives)


@dataclass(frozen=True, slots=True)
class Place:
    """A log as its reader must know it.

    ``kind`` is the catalogue's, ``log_id`` 32 bytes. ``origin`` is whose checkpoint it must be, "" where nobody here
    knows. ``archive``: where the log's archive is, a url or local paths, one a line. ``head``: size and root of a head
    that was verified, None where there is none.
    """

    kind: str
    url: str
    log_id: bytes
    origin: str = ""
    archive: str = ""
    head: tuple[int, bytes] | None = None


class TileEntries:
    """Some entries of a data tile."""

    def __init__(self, leaves: Sequence[TileLeaf], issuer: Issuer) -> None:
        self.leaf_inputs = [leaf.leaf_input for leaf in leaves]
        self._leaves = leaves
        self._issuer = issuer

    def extra_data(self, position: int) -> bytes:
        """As RFC 6962 4.6 has it; asks the log for issuers that are not known yet."""
        return self._leaves[position].extra_data(self._issuer)


class StaticReader:
    """Implements LogReader. ``fallback`` reads what a hybrid has no files for: its head and its proofs.

    Without ``needs_issuers`` a chain ends before the first certificate that the log's files do not hold.
    """

    def __init__(
        self,
        place: Place,
        source: Source,
        shared: Shared,
        pause: Callable[[float], object],
        fallback: LogReader | None = None,
        needs_issuers: bool = True,
    ) -> None:
        self._place = place
        self._source = source
        self._shared = shared
        self._pause = pause
        self._fallback = fallback
        self._needs_issuers = needs_issuers
        self._known = self._tiles(*place.head, shared.tiles) if place.head else None
        self._tile: Tile | None = None
        self._leaves: list[TileLeaf] = []

    def tree_head(self) -> SignedTreeHead:
        """The head in the checkpoint, which must be of the log's origin (BadSignature). No more is checked here."""
        try:
            note = self._source.get("checkpoint")
        except NotThere:
            if self._fallback is None:
                raise
            head = self._fallback.tree_head()
        else:
            head = self._head_in(note)
        if self._known is None or head.tree_size != self._known.size:
            # Of a head that is not verified yet nothing is kept for others.
            self._known = self._tiles(head.tree_size, head.root_hash, TileCache(HASH_TILES_MAX_BYTES))
        return head

    def _head_in(self, note: bytes) -> SignedTreeHead:
        try:
            checkpoint = parse_checkpoint(note, self._place.log_id)
        except MalformedEntry as error:
            raise BadAnswer(str(error)) from None
        if self._place.origin not in ("", checkpoint.origin):
            raise BadSignature(f"a checkpoint of {checkpoint.origin[:100]!r}, not of {self._place.origin!r}")
        return checkpoint.head

    def entries(self, start: int, end: int) -> Entries:
        """The entries of [start, end) that are in one data tile: at least one. BadAnswer when the tile is not sound."""
        index, first = divmod(start, TILE_WIDTH)
        last = min(end - index * TILE_WIDTH, TILE_WIDTH)
        leaves = self._entries_of(self._data_tile(index, last))
        return TileEntries(leaves[first:last], self._issuer)

    def _data_tile(self, index: int, width: int) -> Tile:
        """The widest that there is: where it ends within 256 entries only the log's size tells."""
        if width == TILE_WIDTH:
            return Tile(DATA, index, TILE_WIDTH)
        tile = data_tile(index, self._known.size if self._known else 0)
        if tile.width < width:
            tile = data_tile(index, self.tree_head().tree_size)
        if tile.width < width:
            raise NotYet(f"the log does not reach entry {index * TILE_WIDTH + width - 1:,} yet")
        return tile

    def _entries_of(self, tile: Tile) -> list[TileLeaf]:
        """The entries of a data tile; the last one that was read is kept."""
        if tile != self._tile:
            read, body = self._read(tile)
            try:
                self._leaves = parse_data_tile(body, read.width)
            except MalformedEntry as error:
                raise BadAnswer(f"{tile_path(read)}: {error}") from None
            self._tile = tile
        return self._leaves

    def _read(self, tile: Tile) -> tuple[Tile, bytes]:
        """The file of a tile. Once the whole tile is there the log may drop the partial ones: then the whole tile's."""
        try:
            return tile, self._source.get(tile_path(tile))
        except NotThere:
            if tile.is_whole:
                raise
            return tile.whole, self._source.get(tile_path(tile.whole))

    def _issuer(self, fingerprint: bytes) -> bytes | None:
        """An issuer's certificate, DER; None where there is none and need be none."""
        kept = self._shared.issuers.get(fingerprint)
        if kept is not None:
            return kept
        try:
            return self._ask_for_issuer(fingerprint)
        except NotThere:
            if self._needs_issuers:
                raise
            return None

    def _ask_for_issuer(self, fingerprint: bytes) -> bytes:
        """It never changes: each is asked for once, and again after a bad moment of the log."""
        for number in range(ISSUER_TRIES - 1):
            try:
                return self._read_issuer(fingerprint)
            except NotThere:
                raise
            except (BadAnswer, LogUnavailable, Throttled) as error:
                logger.info("%s", error)
                self._pause(FIRST_PAUSE_SECONDS * 2**number)
        return self._read_issuer(fingerprint)

    def _read_issuer(self, fingerprint: bytes) -> bytes:
        certificate = self._source.get(issuer_path(fingerprint))
        if sha256(certificate).digest() != fingerprint:
            raise BadAnswer(f"{issuer_path(fingerprint)} has another hash than its name says")
        self._shared.issuers.put(fingerprint, certificate)
        return certificate

    def audit_path(self, index: int, leaf_hash: bytes, tree_size: int) -> tuple[bytes, ...]:
        """The path of entry ``index``, whatever its hash, in the tree of ``tree_size`` entries."""
        try:
            return self._tree_of(tree_size).audit_path(index, tree_size)
        except NotThere as error:
            return self._hybrid(error).audit_path(index, leaf_hash, tree_size)

    def entry_and_proof(self, index: int, tree_size: int) -> EntryAndProof:
        """An entry with its path."""
        entries = self.entries(index, index + 1)
        path = self.audit_path(index, leaf_hash(entries.leaf_inputs[0]), tree_size)
        return EntryAndProof(entries.leaf_inputs[0], entries.extra_data(0), path)

    def consistency_proof(self, first_size: int, second_size: int) -> tuple[bytes, ...]:
        """That the tree of ``second_size`` entries begins with that of ``first_size``."""
        try:
            return self._tree_of(second_size).consistency_proof(first_size, second_size)
        except NotThere as error:
            return self._hybrid(error).consistency_proof(first_size, second_size)

    def _tree_of(self, size: int) -> HashTiles:
        if self._known is None or self._known.size < size:
            self.tree_head()
        assert self._known is not None
        return self._known

    def _tiles(self, size: int, root: bytes, cache: TileCache) -> HashTiles:
        return HashTiles(self._hashes_of, size, root, self._place.log_id, cache)

    def _hashes_of(self, tile: Tile) -> list[bytes]:
        read, body = self._read(tile)
        try:
            return split_hashes(body, read.width)[: tile.width]
        except MalformedEntry as error:
            raise BadAnswer(f"{tile_path(read)}: {error}") from None

    def _hybrid(self, error: NotThere) -> LogReader:
        """Who gives the proofs of a log that has tiles of entries and no others: one without a checkpoint."""
        if self._fallback is not None:
            try:
                self._source.get("checkpoint")
            except NotThere:
                return self._fallback
        raise error
