"""Pieces of a tree combine to the tree's own nodes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.errors import TreeMismatch
from ctcollect.protocol.merkle import Subtree, merge_subtrees, subtrees_root
from tests.protocol.merkle import reference

INPUTS = reference.inputs(300)


def subtree(level: int, node_index: int, size: int) -> Subtree:
    """That node of the tree over the first ``size`` leaves."""
    start, end = node_index << level, min((node_index + 1) << level, size)
    return Subtree(level, node_index, reference.mth(INPUTS[start:end]))


def units(start: int, end: int, level: int) -> list[Subtree]:
    """The nodes of one level over [start, end) of a tree that ends at ``end``; the last may be ragged."""
    return [subtree(level, i, end) for i in range(start >> level, -(-end >> level))]


def pieces(level: int, node_index: int, size: int, rng: random.Random) -> list[Subtree]:
    """The node cut at random into nodes of lower levels."""
    if node_index << level >= size:
        return []
    if level == 0 or rng.random() < 0.3:
        return [subtree(level, node_index, size)]
    left, right = 2 * node_index, 2 * node_index + 1
    return pieces(level - 1, left, size, rng) + pieces(level - 1, right, size, rng)


@given(st.integers(1, 300), st.integers(0, 6), st.randoms(use_true_random=False))
def test_units_in_any_order_give_the_root(size: int, level: int, rng: random.Random) -> None:
    """All nodes of one level, the last ragged, shuffled and merged up to any level, make the tree's root."""
    subtrees = units(0, size, level)
    rng.shuffle(subtrees)
    merged = merge_subtrees(subtrees, rng.randrange(level, 10))
    rng.shuffle(merged)
    assert subtrees_root(subtrees) == subtrees_root(merged) == reference.mth(INPUTS[:size])


@given(st.integers(0, 9), st.data(), st.randoms(use_true_random=False))
def test_mixed_levels_give_the_root_of_their_node(level: int, data: st.DataObject, rng: random.Random) -> None:
    """Any cut of any node of the tree into smaller nodes makes that node again."""
    node_index = data.draw(st.integers(0, 299 >> level))
    subtrees = pieces(level, node_index, 300, rng)
    rng.shuffle(subtrees)
    assert subtrees_root(subtrees) == subtree(level, node_index, 300).hash


@given(st.sets(st.integers(0, 255), min_size=1), st.integers(0, 8), st.randoms(use_true_random=False))
def test_merging_leaves_the_fewest_subtrees(indices: set[int], top_level: int, rng: random.Random) -> None:
    """Whatever leaves are there, merging keeps them all, in order, in whole nodes with no sibling left."""
    leaves = [subtree(0, i, 300) for i in indices]
    rng.shuffle(leaves)
    merged = merge_subtrees(leaves, top_level)
    covered = [i for each in merged for i in range(each.start, each.end)]
    assert covered == sorted(indices)
    assert merged == [subtree(each.level, each.node_index, 300) for each in merged]
    places = {(each.level, each.node_index) for each in merged}
    assert not [1 for level, i in places if level < top_level and (level, i ^ 1) in places]


def test_merging_stops_at_the_top_level() -> None:
    """Eight leaves merged up to level 2 are two nodes, the lower limit of what is kept."""
    merged = merge_subtrees(reversed(units(0, 8, 0)), 2)
    assert merged == [subtree(2, 0, 8), subtree(2, 1, 8)]


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        ([], "no subtrees"),
        ([(5, 0), (5, 2)], "gap or overlap"),
        ([(5, 0), (5, 0)], "gap or overlap"),
        ([(6, 0), (5, 1)], "gap or overlap"),
        ([(5, 0), (5, 1), (6, 0)], "gap or overlap"),
        ([(5, 1), (5, 2)], "no node"),
        ([(5, 1), (6, 1), (5, 4)], "no node"),
    ],
)
def test_subtrees_that_cover_no_node_have_no_root(places: list[tuple[int, int]], reason: str) -> None:
    """Nothing, a gap, an overlap or a span that is no node of a tree is a TreeMismatch with its reason."""
    with pytest.raises(TreeMismatch, match=reason):
        subtrees_root(subtree(level, i, 300) for level, i in places)
