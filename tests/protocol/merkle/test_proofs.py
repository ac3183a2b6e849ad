"""Every proof the standard defines is accepted, and nothing else is."""

from collections.abc import Iterator

import pytest

from ctcollect.errors import TreeMismatch
from ctcollect.protocol.merkle import (
    EMPTY_ROOT,
    leaf_hash,
    root_from_audit_path,
    root_from_span,
    verify_consistency,
    verify_inclusion,
)
from tests.protocol.merkle import reference

SIZES = range(1, 71)
OTHER_HASH = leaf_hash(b"no leaf of these trees")


def falsified(proof: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    """The proof with one element changed in one bit, left out or added."""
    for i, element in enumerate(proof):
        yield (*proof[:i], bytes([element[0] ^ 1]) + element[1:], *proof[i + 1 :])
        yield proof[:i] + proof[i + 1 :]
        yield (*proof[:i], element, *proof[i:])
    yield (*proof, OTHER_HASH)


@pytest.mark.parametrize("n", SIZES)
def test_every_audit_path_leads_to_the_root(n: int) -> None:
    """Each leaf of each tree is proven by its path, at its own index and at no other."""
    inputs = reference.inputs(n)
    root = reference.mth(inputs)
    for m, leaf in enumerate(inputs):
        path = reference.path(m, inputs)
        verify_inclusion(leaf_hash(leaf), m, n, path, root)
        for index in {*range(-1, n + 1)} - {m}:
            with pytest.raises(TreeMismatch):
                verify_inclusion(leaf_hash(leaf), index, n, path, root)


@pytest.mark.parametrize("n", range(1, 20))
def test_a_false_audit_path_is_refused(n: int) -> None:
    """A path with one bit flipped, one hash missing or one too many proves nothing, nor does another leaf."""
    inputs = reference.inputs(n)
    root = reference.mth(inputs)
    for m, leaf in enumerate(inputs):
        path = reference.path(m, inputs)
        for false in falsified(path):
            with pytest.raises(TreeMismatch):
                verify_inclusion(leaf_hash(leaf), m, n, false, root)
        with pytest.raises(TreeMismatch, match="does not lead to the root"):
            verify_inclusion(OTHER_HASH, m, n, path, root)


def test_no_root_from_a_path_of_the_wrong_length() -> None:
    """The length of a path follows from index and size; any other is a TreeMismatch that says so."""
    with pytest.raises(TreeMismatch, match="leaf 2 of a tree of 3: 1 hashes wanted, 2 given"):
        root_from_audit_path(OTHER_HASH, 2, 3, [OTHER_HASH] * 2)


@pytest.mark.parametrize("index", [-1, 3, 4])
def test_no_root_for_a_leaf_outside_the_tree(index: int) -> None:
    """There is no path from a leaf that the tree does not have, whatever its length."""
    for length in range(4):
        with pytest.raises(TreeMismatch, match=f"leaf {index} lies outside a tree of 3 leaves"):
            root_from_audit_path(OTHER_HASH, index, 3, [OTHER_HASH] * length)


@pytest.mark.parametrize("n", SIZES)
def test_every_consistency_proof_holds(n: int) -> None:
    """Each tree is proven to begin with each smaller one, and with no other one of that size."""
    inputs = reference.inputs(n)
    for m in range(1, n + 1):
        proof = reference.proof(m, inputs)
        verify_consistency(m, n, reference.mth(inputs[:m]), reference.mth(inputs), proof)
        for roots in [(OTHER_HASH, reference.mth(inputs)), (reference.mth(inputs[:m]), OTHER_HASH)]:
            with pytest.raises(TreeMismatch):
                verify_consistency(m, n, *roots, proof)


@pytest.mark.parametrize("n", range(1, 20))
def test_a_false_consistency_proof_is_refused(n: int) -> None:
    """A proof with one bit flipped, one hash missing or one too many proves nothing."""
    inputs = reference.inputs(n)
    for m in range(1, n + 1):
        for false in falsified(reference.proof(m, inputs)):
            with pytest.raises(TreeMismatch):
                verify_consistency(m, n, reference.mth(inputs[:m]), reference.mth(inputs), false)


def test_consistency_from_nothing_and_backwards() -> None:
    """Any tree begins with the empty one, proven by nothing; none begins with a larger one."""
    inputs = reference.inputs(5)
    root = reference.mth(inputs)
    verify_consistency(0, 5, EMPTY_ROOT, root, [])
    verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    refused = [(0, 5, OTHER_HASH, []), (0, 5, EMPTY_ROOT, [OTHER_HASH]), (3, 5, root, []), (6, 5, root, [])]
    for first_size, second_size, first_root, proof in refused:
        with pytest.raises(TreeMismatch):
            verify_consistency(first_size, second_size, first_root, root, proof)


@pytest.mark.parametrize("n", SIZES)
def test_root_from_every_span_that_is_a_node(n: int) -> None:
    """The path of a span's first leaf leads from the span's root to the tree's, for every node."""
    inputs = reference.inputs(n)
    for start, end in reference.nodes(0, n):
        path = reference.path(start, inputs)
        span_root = reference.mth(inputs[start:end])
        assert root_from_span(span_root, start, end, n, path) == reference.mth(inputs)
        assert root_from_span(OTHER_HASH, start, end, n, path) != reference.mth(inputs)
        for false in {path[:-1], (*path, OTHER_HASH)} - {path}:
            with pytest.raises(TreeMismatch, match=f"{len(path)} hashes wanted, {len(false)} given"):
                root_from_span(span_root, start, end, n, false)


@pytest.mark.parametrize("n", SIZES)
def test_no_root_from_a_span_that_is_no_node(n: int) -> None:
    """A span that is no node of the tree, is empty, or reaches beyond the tree, has no root to prove."""
    inputs = reference.inputs(n)
    spans = {(start, end) for start in range(-1, n + 1) for end in range(-1, n + 2)}
    for start, end in spans - {*reference.nodes(0, n)}:
        path = reference.path(start, inputs) if 0 <= start < n else ()
        with pytest.raises(TreeMismatch, match="is no node of a tree"):
            root_from_span(OTHER_HASH, start, end, n, path)
