"""Proofs as spans of leaves (RFC 6962 sections 2.1.1 and 2.1.2): whoever knows a tree's nodes can write them."""

from collections.abc import Callable, Iterator

from ctcollect.protocol.merkle.hashes import node_hash

# The hash of the whole subtree number ``index`` of a level: over the leaves [index << level, index + 1 << level).
Node = Callable[[int, int], bytes]


def audit_path_spans(index: int, size: int) -> list[tuple[int, int]]:
    """Over which leaves [start, end) each hash of PATH(index, D[size]) goes, from the leaf upwards."""
    spans: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(first: int, second: int) -> list[tuple[int, int]]:
    """Over which leaves [start, end) each hash of PROOF(first, D[second]) goes; none from 0 and to itself."""
    if not first:
        return []
    spans: list[tuple[int, int]] = []
    start, end = 0, second
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:
        spans.append((start, end))
    return spans[::-1]


def whole_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The whole subtrees (level, index) that a node over [start, end) consists of, each smaller than the last."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def span_root(start: int, end: int, node: Node) -> bytes:
    """MTH(D[start:end]) of a node of a tree, not empty: its whole subtrees folded."""
    *lefts, root = (node(level, index) for level, index in whole_subtrees(start, end))
    for left in reversed(lefts):
        root = node_hash(left, root)
    return root


def _split(size: int) -> int:
    """The largest power of two below ``size`` (>= 2): where the RFC divides a tree."""
    return 1 << ((size - 1).bit_length() - 1)
