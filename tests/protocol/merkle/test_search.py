"""The search for what is false in a tree that is known by its root alone."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ctcollect.protocol.merkle import Subtree, audit_path, false_subtrees, leaf_hash, tree_root

FALSE = b"\xff" * 32


def tiles(hashes: Sequence[bytes], start: int, end: int, level: int) -> list[Subtree]:
    """Subtrees of ``level``, the last one cut off at ``end``, over the leaves [start, end)."""
    width = 1 << level
    firsts = range(start, end, width)
    return [Subtree(level, first // width, tree_root(hashes[first : min(first + width, end)])) for first in firsts]


@given(st.integers(1, 400), st.integers(0, 5), st.integers(2, 8), st.data())
def test_exactly_what_is_false_is_found(size: int, level: int, node_level: int, data: st.DataObject) -> None:
    """Whichever pieces of whichever node of a tree are false, the last ragged one too; each is named once."""
    hashes = [leaf_hash(bytes([number % 256, number // 256])) for number in range(size)]
    width = 1 << max(level, node_level)
    start = data.draw(st.integers(0, (size - 1) // width)) * width
    true = tiles(hashes, start, min(start + width, size), level)
    wrong = data.draw(st.sets(st.sampled_from(range(len(true)))))
    given_ones = [each._replace(hash=FALSE) if number in wrong else each for number, each in enumerate(true)]
    asked = []

    def proof_of(index: int) -> tuple[bytes, Sequence[bytes]]:
        asked.append(index)
        return hashes[index], audit_path(hashes, index)

    found = list(false_subtrees(data.draw(st.permutations(given_ones)), size, proof_of))
    assert sorted(each.start for each in found) == [true[number].start for number in sorted(wrong)]
    assert len(asked) == len(set(asked)) <= max(1, len(wrong)) * (1 + len(true).bit_length())


def test_one_false_piece_among_many_costs_few_proofs() -> None:
    """Of 1,024 pieces, each in its turn false: about log2(1,024) / 2 + 1 proofs on average, never more than 11."""
    hashes = [leaf_hash(number.to_bytes(2)) for number in range(1024)]
    paths = {index: audit_path(hashes, index) for index in range(1024)}
    costs = []
    for wrong in range(0, 1024, 8):
        asked: list[int] = []

        def proof_of(index: int, asked: list[int] = asked) -> tuple[bytes, Sequence[bytes]]:
            asked.append(index)
            return hashes[index], paths[index]

        pieces = [Subtree(0, number, FALSE if number == wrong else each) for number, each in enumerate(hashes)]
        assert [each.start for each in false_subtrees(pieces, 1024, proof_of)] == [wrong]
        costs.append(len(asked))
    assert max(costs) <= 11
    assert 4 < sum(costs) / len(costs) < 8
