"""A whole Merkle tree in memory, for those who keep a log rather than read one."""

from collections.abc import Iterable

from ctcollect.protocol.merkle.hashes import EMPTY_ROOT, HASH_BYTES, node_hash
from ctcollect.protocol.merkle.spans import audit_path_spans, consistency_spans, span_root


class MerkleTree:
    """Append-only; answers for every size it ever had, each with O(log^2 n) hashes at most.

    Holds the hashes of all whole subtrees: about 64 bytes a leaf. Indices and sizes count leaves;
    IndexError for any that the tree does not reach.
    """

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        # One array a level: 32 bytes for each whole subtree of 2^level leaves, from the left.
        self._levels = [bytearray()]
        self.extend(leaf_hashes)

    def __len__(self) -> int:
        return len(self._levels[0]) // HASH_BYTES

    def append(self, leaf_hash: bytes) -> None:
        """Add a leaf by its hash; ValueError unless that is 32 bytes long."""
        if len(leaf_hash) != HASH_BYTES:
            raise ValueError(f"a leaf hash has {HASH_BYTES} bytes, not {len(leaf_hash)}")
        node, level = leaf_hash, 0
        self._levels[0] += node
        while len(self._levels[level]) % (2 * HASH_BYTES) == 0:
            node = node_hash(bytes(self._levels[level][-2 * HASH_BYTES : -HASH_BYTES]), node)
            level += 1
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += node

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Add leaves by their hashes, in this order."""
        for leaf_hash in leaf_hashes:
            self.append(leaf_hash)

    def root(self, size: int) -> bytes:
        """MTH of the first ``size`` leaves (RFC 6962 section 2.1)."""
        self._check(0 <= size <= len(self), f"a root of {size} leaves")
        return span_root(0, size, self.node) if size else EMPTY_ROOT

    def audit_path(self, index: int, size: int) -> tuple[bytes, ...]:
        """PATH(index, D[size]) of section 2.1.1, from the leaf upwards."""
        self._check(0 <= index < size <= len(self), f"an audit path of leaf {index} of {size}")
        return tuple(span_root(start, end, self.node) for start, end in audit_path_spans(index, size))

    def consistency_proof(self, first: int, second: int) -> tuple[bytes, ...]:
        """PROOF(first, D[second]) of section 2.1.2; empty from 0 and from a tree to itself."""
        self._check(0 <= first <= second <= len(self), f"a proof from {first} to {second} leaves")
        return tuple(span_root(start, end, self.node) for start, end in consistency_spans(first, second))

    def node(self, level: int, index: int) -> bytes:
        """The hash over the leaves [index << level, (index + 1) << level); IndexError unless all of them are there."""
        offset = HASH_BYTES * index
        self._check(level < len(self._levels) and offset < len(self._levels[level]), f"node {index} of level {level}")
        return bytes(self._levels[level][offset : offset + HASH_BYTES])

    def _check(self, is_possible: bool, what: str) -> None:
        if not is_possible:
            raise IndexError(f"{what} was asked of a tree of {len(self)}")
