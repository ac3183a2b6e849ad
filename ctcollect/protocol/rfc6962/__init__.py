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
    certificate_span,
    is_precert,
    is_well_formed,
    parse_extra_data,
    parse_leaf,
    parse_timestamp,
)
from ctcollect.protocol.rfc6962.get_entries import GetEntries, parse_get_entries, read_compact
from ctcollect.protocol.rfc6962.tree_head import SignedTreeHead, signature_input

__all__ = [
    "EntryAndProof",
    "EntryType",
    "ExtraData",
    "GetEntries",
    "InclusionProof",
    "MerkleTreeLeaf",
    "SignedTreeHead",
    "certificate_span",
    "is_precert",
    "is_well_formed",
    "parse_extra_data",
    "parse_get_entries",
    "parse_get_entry_and_proof",
    "parse_get_proof_by_hash",
    "parse_get_sth",
    "parse_get_sth_consistency",
    "parse_leaf",
    "parse_timestamp",
    "read_compact",
    "signature_input",
]
