"""A whole CT log in memory: entries, tree, key, and the heads it signs."""

import heapq
from array import array
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from itertools import accumulate, islice
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec

from ctcollect.errors import ConfigurationError
from ctcollect.local_log import content, keys
from ctcollect.local_log.entries import NOTHING, Batch, Entry, Truth
from ctcollect.protocol import merkle, signatures
from ctcollect.protocol.rfc6962 import SignedTreeHead, parse_extra_data, parse_leaf

MERGE_DELAY_MS = 1000
MAX_DELAY_SECONDS = 86_400
# Certificates of the last entry may live so long into the years after it.
YEARS_OF_LIFE = 2


def log_key(seed: int, name: str) -> ec.EllipticCurvePrivateKey:
    """The key of a log, known before its entries are."""
    return keys.private_key(seed, f"log {name}")


class LocalLog:
    """A log with known content. ``name`` is the last part of its URL and its description in a log list.

    The key depends on ``seed`` and ``name``; generated content on ``seed`` alone, so that two logs of one
    seed hold the same certificates, as real ones do. Only the first ``published`` entries are in its heads.
    """

    def __init__(
        self,
        name: str,
        entries: Sequence[Entry],
        seed: int,
        operator: str = "Google",
        *,
        truth: Sequence[Truth] = (),
        roots: Sequence[bytes] = (),
        published: int | None = None,
    ) -> None:
        """``truth`` is empty or speaks of every entry; ``roots`` are DER certificates for get-roots."""
        self.name = self.description = name
        self.operator = operator
        self.entries = entries
        self.truth = truth
        self.roots = roots
        self.private_key = log_key(seed, name)
        self.key_der = keys.spki(self.private_key)
        self.log_id = signatures.log_id(self.key_der)
        self.tree = merkle.MerkleTree(merkle.leaf_hash(entry.leaf_input) for entry in entries)
        self.published = 0
        self.publish(len(entries) if published is None else published)

    @classmethod
    def generate(
        cls,
        name: str,
        entries: int,
        seed: int,
        operator: str = "Google",
        *,
        jp_share: float = content.Mix.jp,
        near_miss_share: float = content.Mix.near_miss,
        odd_share: float = content.Mix.odd,
        start_ms: int = content.DEFAULT_START_MS,
        step_ms: int = content.DEFAULT_STEP_MS,
        late_share: float = 0.0,
        published: int | None = None,
        more: Batch = NOTHING,
    ) -> Self:
        """A log of its own making with the truth about it; the first entry is of ``start_ms`` (Unix, UTC).

        Each other entry comes ``step_ms`` later; the timestamps of ``late_share`` of them are up to a day too early.
        ``more`` are put in between by their timestamps and counted among ``entries``; ConfigurationError when those
        are fewer.
        """
        if len(more.pairs) > entries:
            raise ConfigurationError(f"{name}: {entries:,} entries are too few for the {len(more.pairs):,} to be in it")
        mix = content.Mix(jp=jp_share, near_miss=near_miss_share, odd=odd_share)
        writer = content.Writer(seed, mix, start_ms, step_ms, late_share)
        made = islice(writer.entries(), entries - len(more.pairs))
        pairs = list(heapq.merge(made, more.pairs, key=lambda pair: pair[0].timestamp_ms))
        return cls(
            name,
            [entry for entry, _ in pairs],
            seed,
            operator,
            truth=[truth for _, truth in pairs],
            roots=(*writer.roots, *more.roots),
            published=published,
        )

    @classmethod
    def from_entries(
        cls,
        name: str,
        pairs: Iterable[tuple[bytes, bytes]],
        seed: int,
        operator: str = "Google",
        *,
        published: int | None = None,
    ) -> Self:
        """A log of recorded entries, (leaf_input, extra_data) each; nothing is known about them."""
        return cls(name, [Entry(*pair) for pair in pairs], seed, operator, published=published)

    @property
    def log_id_hex(self) -> str:
        return self.log_id.hex()

    def publish(self, size: int) -> None:
        """Let the log grow to ``size`` entries; a log never shrinks: ConfigurationError."""
        if not self.published <= size <= len(self.entries):
            raise ConfigurationError(
                f"{self.name} cannot publish {size} entries: {self.published} of {len(self.entries)} are out"
            )
        self.published = size

    def head(self, size: int | None = None) -> SignedTreeHead:
        """The signed head over the first ``size`` entries (all published ones); one size, one head."""
        size = self.published if size is None else size
        timestamp_ms = self._latest_ms[size - 1] + MERGE_DELAY_MS if size else 0
        return signatures.sign_tree_head(size, timestamp_ms, self.tree.root(size), self.private_key)

    def timestamp_ms(self, index: int) -> int:
        """When the entry came into the log: the timestamp of its leaf."""
        return self.entries[index].timestamp_ms

    @cached_property
    def _latest_ms(self) -> "array[int]":
        """By index the latest timestamp up to it: a head is never of a time before its entries'."""
        return array("Q", accumulate(map(self.timestamp_ms, range(len(self.entries))), max))

    @cached_property
    def index_by_hash(self) -> dict[bytes, int]:
        """Leaf hash to index; where two leaves are equal the first, as get-proof-by-hash wants."""
        hashes = (merkle.leaf_hash(entry.leaf_input) for entry in reversed(self.entries))
        return dict(zip(hashes, reversed(range(len(self.entries))), strict=True))

    @cached_property
    def issuers(self) -> dict[str, bytes]:
        """Every certificate that stands in a chain, DER, by its SHA-256 in hex."""
        chains = {(parse_leaf(entry.leaf_input).entry_type, entry.extra_data) for entry in self.entries}
        found = {each for kind, extra_data in chains for each in parse_extra_data(extra_data, kind).chain}
        return {sha256(each).hexdigest(): each for each in found}

    @property
    def temporal_interval(self) -> tuple[datetime, datetime]:
        """[start, end) of the notAfter dates a log list would give for this log: whole years, UTC."""
        first, last = (self.timestamp_ms(index) if self.entries else 0 for index in (0, -1))
        first_year, last_year = (datetime.fromtimestamp(each / 1000, UTC).year for each in (first, last))
        return datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1 + YEARS_OF_LIFE, 1, 1, tzinfo=UTC)
