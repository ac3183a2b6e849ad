"""Which pieces of a tree are false: found from above, with the audit paths of a few leaves."""

import random
from collections.abc import Callable, Iterator, Sequence

from ctcollect.protocol.merkle.hashes import node_hash
from ctcollect.protocol.merkle.spans import audit_path_spans
from ctcollect.protocol.merkle.subtrees import Subtree, subtrees_root

# (leaf hash, audit path) of the leaf at an index, which lead to the tree's root.
ProofOf = Callable[[int], tuple[bytes, Sequence[bytes]]]


def false_subtrees(subtrees: Sequence[Subtree], tree_size: int, proof_of: ProofOf) -> Iterator[Subtree]:
    """Those of ``subtrees`` whose hash is not the tree's, each as soon as it is found, in a random order.

    They tile one node of the tree. A true path tells the hash of all that lies beside its way, and what agrees with
    that is true as a whole: a single false one among n costs about log2(n) / 2 paths, and all n false ones n paths.
    """
    doubted = [sorted(subtrees, key=lambda each: each.start)]
    while doubted and (group := doubted.pop()):
        chosen = random.choice(group)
        leaf, path = proof_of(chosen.start)
        beside = list(zip(audit_path_spans(chosen.start, tree_size), path, strict=True))
        if _root_over(leaf, chosen, beside) != chosen.hash:
            yield chosen
        for (start, end), true_hash in beside:
            part = [each for each in group if start <= each.start < end]
            if part and start not in range(chosen.start, chosen.end) and subtrees_root(part) != true_hash:
                doubted.append(part)


def _root_over(leaf: bytes, subtree: Subtree, beside: Sequence[tuple[tuple[int, int], bytes]]) -> bytes:
    """The true hash of ``subtree``, by the path of its first leaf: inside it all hashes stand to the right."""
    node = leaf
    for (start, _), right in beside:
        if subtree.start < start < subtree.end:
            node = node_hash(node, right)
    return node
