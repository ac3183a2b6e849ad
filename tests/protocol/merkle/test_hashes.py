"""Hashes, roots and audit paths against the standard's definitions and published values."""

import pytest

from ctcollect.protocol.merkle import EMPTY_ROOT, audit_path, leaf_hash, tree_root
from tests.protocol.merkle import reference

# The leaves that the test suites of CT projects share, and the roots of the first 1..8 of them.
PUBLISHED_LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
PUBLISHED_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_published_roots() -> None:
    """The roots of one to eight known leaves are the published ones, no leaves have SHA-256 of nothing."""
    leaves = [leaf_hash(bytes.fromhex(each)) for each in PUBLISHED_LEAVES]
    assert [tree_root(leaves[:n]).hex() for n in range(1, 9)] == PUBLISHED_ROOTS
    assert tree_root([]) == EMPTY_ROOT
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("n", [*range(1, 71), 127, 128, 129])
def test_roots_and_paths_are_those_of_the_standard(n: int) -> None:
    """Pairing from the bottom gives the root and every audit path that the recursive definitions give."""
    inputs = reference.inputs(n)
    leaves = [leaf_hash(each) for each in inputs]
    assert tree_root(leaves) == reference.mth(inputs)
    assert [audit_path(leaves, m) for m in range(n)] == [reference.path(m, inputs) for m in range(n)]


@pytest.mark.parametrize("index", [-1, 3])
def test_no_path_for_a_leaf_that_is_not_there(index: int) -> None:
    """An index outside the tree is an error, not the path of another leaf."""
    with pytest.raises(IndexError, match=f"leaf {index} of a tree of 3"):
        audit_path([leaf_hash(b"x")] * 3, index)
