"""The tree of an own log gives the answers that the standard defines, for every size it ever had."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctcollect.protocol.merkle import MerkleTree, leaf_hash, verify_consistency, verify_inclusion
from tests.protocol.merkle import reference

INPUTS = reference.inputs(70)


@pytest.fixture(scope="module")
def tree() -> MerkleTree:
    """A tree of 70 leaves, grown by both ways of adding them."""
    tree = MerkleTree(map(leaf_hash, INPUTS[:20]))
    tree.append(leaf_hash(INPUTS[20]))
    tree.extend(map(leaf_hash, INPUTS[21:]))
    return tree


def test_root_of_every_size(tree: MerkleTree) -> None:
    """The root of each size is MTH of so many leaves."""
    assert len(tree) == 70
    assert [tree.root(n) for n in range(71)] == [reference.mth(INPUTS[:n]) for n in range(71)]


def test_audit_path_of_every_leaf_at_every_size(tree: MerkleTree) -> None:
    """Each answer is PATH(m, D[n]) of section 2.1.1."""
    for n in range(1, 71):
        assert [tree.audit_path(m, n) for m in range(n)] == [reference.path(m, INPUTS[:n]) for m in range(n)]


def test_consistency_proof_of_every_two_sizes(tree: MerkleTree) -> None:
    """Each answer is PROOF(m, D[n]) of section 2.1.2, empty from nothing."""
    for n in range(1, 71):
        wanted = [(), *(reference.proof(m, INPUTS[:n]) for m in range(1, n + 1))]
        assert [tree.consistency_proof(m, n) for m in range(n + 1)] == wanted


def test_questions_beyond_the_tree(tree: MerkleTree) -> None:
    """What the tree does not reach is an IndexError that says what was asked; bad hashes are not taken in."""
    with pytest.raises(IndexError, match="a root of 71 leaves was asked of a tree of 70"):
        tree.root(71)
    with pytest.raises(IndexError):
        tree.audit_path(5, 5)
    with pytest.raises(IndexError):
        tree.consistency_proof(6, 5)
    with pytest.raises(ValueError, match="32 bytes, not 3"):
        tree.append(b"abc")
    assert len(tree) == 70


@settings(max_examples=10)
@given(st.lists(st.integers(1, 50_000), min_size=3, max_size=3, unique=True))
def test_large_trees_prove_themselves(big_tree: MerkleTree, sizes: list[int]) -> None:
    """In a tree of 50,000 leaves any leaf and any two sizes are proven by what the tree answers."""
    sizes.sort()
    for first, second in pairwise(sizes):
        roots = big_tree.root(first), big_tree.root(second)
        verify_consistency(first, second, *roots, big_tree.consistency_proof(first, second))
        leaf = leaf_hash(first.to_bytes(4, "big"))
        verify_inclusion(leaf, first, second, big_tree.audit_path(first, second), roots[1])


@pytest.fixture(scope="module")
def big_tree() -> MerkleTree:
    """50,000 leaves, each its own index."""
    return MerkleTree(leaf_hash(i.to_bytes(4, "big")) for i in range(50_000))
