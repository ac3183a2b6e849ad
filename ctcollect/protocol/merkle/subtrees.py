"""Roots of pieces of a log's tree, kept and combined without the leaves below them."""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from ctcollect.errors import TreeMismatch
from ctcollect.protocol.merkle.hashes import node_hash

# A tree of 2^64 leaves has its root here.
MAX_LEVEL = 64


class Subtree(NamedTuple):
    """The node over the leaves [node_index << level, (node_index + 1) << level), and its hash.

    The last one of a tree is cut off at the tree's end ("ragged"): its hash is MTH over the leaves there are.
    """

    level: int
    node_index: int
    hash: bytes

    @property
    def start(self) -> int:
        """Index of the first leaf."""
        return self.node_index << self.level

    @property
    def end(self) -> int:
        """Index after the last leaf of a whole subtree; a ragged one ends before it."""
        return (self.node_index + 1) << self.level


def merge_subtrees(subtrees: Iterable[Subtree], top_level: int) -> list[Subtree]:
    """The same leaves in the fewest subtrees of at most ``top_level``, sorted by first leaf.

    Siblings (nodes 2i and 2i+1 of one level) merge into their parent, in whatever order they come.
    """
    merged: list[Subtree] = []
    for subtree in sorted(subtrees, key=lambda each: each.start):
        merged.append(subtree)
        while len(merged) > 1 and merged[-1].level < top_level and _are_siblings(*merged[-2:]):
            right, left = merged.pop(), merged.pop()
            merged.append(Subtree(left.level + 1, left.node_index // 2, node_hash(left.hash, right.hash)))
    return merged


def _are_siblings(left: Subtree, right: Subtree) -> bool:
    is_left_child = left.node_index % 2 == 0
    return is_left_child and (left.level, left.node_index + 1) == (right.level, right.node_index)


def subtrees_root(subtrees: Iterable[Subtree]) -> bytes:
    """MTH over the leaves of ``subtrees``, which together cover one node of the tree; any order.

    That is a span [a, b) with a a multiple of some 2^k >= b - a; the last subtree may be ragged.
    TreeMismatch when there is a gap or an overlap, when the span is no node, or when there is nothing.
    """
    merged = merge_subtrees(subtrees, MAX_LEVEL)
    if not merged:
        raise TreeMismatch("no subtrees to make a root of")
    for left, right in pairwise(merged):
        if left.end != right.start:
            raise TreeMismatch(f"subtrees leave a gap or overlap between leaves {left.end} and {right.start}")
    start, end = merged[0].start, merged[-1].end
    if start % (1 << (end - start - 1).bit_length()):
        raise TreeMismatch(f"subtrees from leaf {start} to {end} are no node of a tree")
    root = merged[-1].hash
    for left in reversed(merged[:-1]):
        root = node_hash(left.hash, root)
    return root
