"""The signed tree head (RFC 6962 section 3.5): a log's word for its size and its root."""

import struct
from dataclasses import dataclass

from ctcollect.errors import MalformedEntry
from ctcollect.protocol.merkle import HASH_BYTES

MAX_UINT64 = 2**64 - 1


@dataclass(frozen=True, slots=True)
class SignedTreeHead:
    """A log's signed size and root (section 3.5), whether it came from get-sth or from a checkpoint.

    ``root_hash``: 32 bytes. ``signature``: the whole DigitallySigned structure. MalformedEntry for a number
    beyond uint64 or a root of another length, so that every head that exists has a signature input.
    """

    tree_size: int
    timestamp_ms: int
    root_hash: bytes
    signature: bytes

    def __post_init__(self) -> None:
        if not (0 <= self.tree_size <= MAX_UINT64 and 0 <= self.timestamp_ms <= MAX_UINT64):
            raise MalformedEntry("tree head: tree_size or timestamp is no uint64")
        if len(self.root_hash) != HASH_BYTES:
            raise MalformedEntry(f"tree head: a root hash of {len(self.root_hash)} bytes, not {HASH_BYTES}")


# digitally-signed struct {
#     Version version;               /* v1(0) */
#     SignatureType signature_type;  /* tree_hash(1) */
#     uint64 timestamp;
#     uint64 tree_size;
#     opaque sha256_root_hash[32];
# } TreeHeadSignature;
def signature_input(head: SignedTreeHead) -> bytes:
    """The 50 bytes that the log signs for ``head`` (section 3.5)."""
    return struct.pack(">BBQQ", 0, 1, head.timestamp_ms, head.tree_size) + head.root_hash
