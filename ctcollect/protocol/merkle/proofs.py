"""Verifying audit paths and consistency proofs (RFC 6962 section 2.1; RFC 9162 sections 2.1.3, 2.1.4).

Indices and sizes count leaves. Every function raises TreeMismatch, in one line, when the proof does not hold.
"""

from collections.abc import Iterable, Sequence

from ctcollect.errors import TreeMismatch
from ctcollect.protocol.merkle.hashes import EMPTY_ROOT, node_hash


def root_from_audit_path(leaf_hash: bytes, leaf_index: int, tree_size: int, path: Sequence[bytes]) -> bytes:
    """The root that ``path`` gives to the leaf at ``leaf_index`` (RFC 9162 section 2.1.3.2).

    TreeMismatch when the index lies outside the tree, or the path has not the length that it must have there.
    """
    return _climb(leaf_hash, _siblings(leaf_index, tree_size, path))


def _siblings(leaf_index: int, tree_size: int, path: Sequence[bytes]) -> list[tuple[bytes, bool]]:
    """Each hash of the leaf's audit path, from the leaf upwards, and whether it stands to the left.

    Below the fork of the ways to this leaf and to the last one every node has a sibling, on the side that the
    index tells. Above it the way runs along the tree's right edge, where a node has a left sibling or none.
    """
    if not 0 <= leaf_index < tree_size:
        raise TreeMismatch(f"leaf {leaf_index} lies outside a tree of {tree_size} leaves")
    fork = (leaf_index ^ (tree_size - 1)).bit_length()
    sides = [bool(leaf_index >> level & 1) for level in range(fork)]
    sides += [True] * (leaf_index >> fork).bit_count()
    if len(path) != len(sides):
        wanted = f"{len(sides)} hashes wanted, {len(path)} given"
        raise TreeMismatch(f"proof for leaf {leaf_index} of a tree of {tree_size}: {wanted}")
    return list(zip(path, sides, strict=True))


def _climb(node: bytes, siblings: Iterable[tuple[bytes, bool]]) -> bytes:
    for sibling, is_left in siblings:
        node = node_hash(sibling, node) if is_left else node_hash(node, sibling)
    return node


def verify_inclusion(leaf_hash: bytes, leaf_index: int, tree_size: int, path: Sequence[bytes], root: bytes) -> None:
    """That the leaf stands at ``leaf_index`` in the tree with this root."""
    if root_from_audit_path(leaf_hash, leaf_index, tree_size, path) != root:
        raise TreeMismatch(f"the audit path of leaf {leaf_index} does not lead to the root of {tree_size} leaves")


def root_from_span(span_root: bytes, start: int, end: int, tree_size: int, first_leaf_path: Sequence[bytes]) -> bytes:
    """The tree's root from that of the leaves [start, end), by the audit path of leaf ``start`` alone.

    The span must be one node of the tree: ``start`` a multiple of some 2^k >= end - start, and ``end`` the
    tree's own unless end - start is 2^k; TreeMismatch otherwise. ``span_root`` is MTH(D[start:end]).
    """
    levels_inside = (end - start - 1).bit_length()
    width = 1 << levels_inside
    if not (0 <= start < end <= tree_size and start % width == 0 and end in (start + width, tree_size)):
        raise TreeMismatch(f"[{start}, {end}) is no node of a tree of {tree_size} leaves")
    return _climb(span_root, _siblings(start, tree_size, first_leaf_path)[levels_inside:])


def verify_consistency(
    first_size: int, second_size: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """That the tree of ``second_size`` leaves begins with that of ``first_size`` (RFC 9162 section 2.1.4.2).

    From nothing, and from a tree to itself, the proof must be empty.
    """
    if not 0 <= first_size <= second_size:
        raise TreeMismatch(f"no tree of {second_size} leaves can contain one of {first_size}")
    if first_size in (0, second_size):
        is_consistent = not proof and first_root == (EMPTY_ROOT if first_size < second_size else second_root)
    else:
        roots = _roots_from_consistency(first_size, second_size, first_root, proof)
        is_consistent = roots == (first_root, second_root)
    if not is_consistent:
        raise TreeMismatch(f"no proof that the tree of {second_size} leaves begins with that of {first_size}")


def _roots_from_consistency(
    first_size: int, second_size: int, first_root: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Both roots, from the last whole subtree of the first tree and the hashes beside its way up.

    The proof begins with that subtree, or leaves it out when it is all of the first tree. It was the last
    node of its level, so that of the hashes beside its way only the left ones belong to the first tree.
    """
    if not proof:
        raise TreeMismatch(f"consistency of {first_size} and {second_size}: the proof is empty")
    width = first_size & -first_size
    start, *path = proof if width < first_size else [first_root, *proof]
    siblings = _siblings(first_size // width - 1, -(-second_size // width), path)
    left_siblings = [each for each in siblings if each[1]]
    return _climb(start, left_siblings), _climb(start, siblings)
