"""The Merkle tree of RFC 6962 section 2.1: hashes, proofs, pieces of a tree, and a tree to keep."""

from ctcollect.protocol.merkle.hashes import EMPTY_ROOT, HASH_BYTES, audit_path, leaf_hash, node_hash, tree_root
from ctcollect.protocol.merkle.proofs import (
    root_from_audit_path,
    root_from_span,
    verify_consistency,
    verify_inclusion,
)
from ctcollect.protocol.merkle.search import false_subtrees
from ctcollect.protocol.merkle.spans import audit_path_spans, consistency_spans, span_root
from ctcollect.protocol.merkle.subtrees import Subtree, merge_subtrees, subtrees_root
from ctcollect.protocol.merkle.tree import MerkleTree

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "MerkleTree",
    "Subtree",
    "audit_path",
    "audit_path_spans",
    "consistency_spans",
    "false_subtrees",
    "leaf_hash",
    "merge_subtrees",
    "node_hash",
    "root_from_audit_path",
    "root_from_span",
    "span_root",
    "subtrees_root",
    "tree_root",
    "verify_consistency",
    "verify_inclusion",
]
