"""Merkle tree hashes (RFC 6962 section 2.1)."""

from collections.abc import Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
_LEAF = sha256(b"\x00")


def leaf_hash(leaf_input: bytes) -> bytes:
    """MTH({d(0)}) = SHA-256(0x00 || d(0)), for a whole leaf_input."""
    hash_ = _LEAF.copy()  # costs less than a new one, and spares a copy of the leaf
    hash_.update(leaf_input)
    return hash_.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def tree_root(leaf_hashes: Sequence[bytes]) -> bytes:
    """MTH of the tree with these leaves, EMPTY_ROOT for none.

    The RFC splits from the top, at the largest power of two; pairing from the bottom, with a last odd node
    going up unchanged, gives the same tree.
    """
    if not leaf_hashes:
        return EMPTY_ROOT
    nodes = leaf_hashes
    while len(nodes) > 1:
        nodes = _parents(nodes)
    return nodes[0]


def audit_path(leaf_hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """PATH(index, D[n]) of section 2.1.1, from the leaf upwards; IndexError when there is no such leaf."""
    if not 0 <= index < len(leaf_hashes):
        raise IndexError(f"leaf {index} of a tree of {len(leaf_hashes)}")
    path: list[bytes] = []
    nodes = leaf_hashes
    while len(nodes) > 1:
        path += nodes[index ^ 1 : (index ^ 1) + 1]  # none beside a last odd node
        nodes, index = _parents(nodes), index // 2
    return tuple(path)


def _parents(nodes: Sequence[bytes]) -> list[bytes]:
    # node_hash() written out: half of what a root costs would be the calls.
    parents = [sha256(b"\x01" + left + right).digest() for left, right in zip(nodes[::2], nodes[1::2], strict=False)]
    if len(nodes) % 2:
        parents.append(nodes[-1])
    return parents
