"""The structures and answers of RFC 6962 (Certificate Transparency).

Every parser is total: any input gives a value or MalformedEntry, in time and memory linear in its size.
"""

from ctcollect.protocol.rfc6962.answers import (
    EntryAndProof,
    InclusionProof,
    parse_get_entry_and_proof,
    parse_get_proof_by_hash,
    parse_get_sth,
    parse_get_sth_consistency,
)
from ctcollect.protocol.rfc6962.entry import (
    EntryType,
    ExtraData,
    MerkleTreeLeaf,
    is_well_formed,
    parse_extra_data,
    parse_leaf,
    parse_timestamp,
)
from ctcollect.protocol.rfc6962.tree_head import SignedTreeHead, signature_input

__all__ = [
    "EntryAndProof",
    "EntryType",
    "ExtraData",
    "InclusionProof",
    "MerkleTreeLeaf",
    "SignedTreeHead",
    "is_well_formed",
    "parse_extra_data",
    "parse_get_entry_and_proof",
    "parse_get_proof_by_hash",
    "parse_get_sth",
    "parse_get_sth_consistency",
    "parse_leaf",
    "parse_timestamp",
    "signature_input",
]
