"""The JSON answers of RFC 6962 section 4, read from decoded JSON.

Every parser is total: any JSON value gives a value or MalformedEntry. Unknown members are passed over.
"""

from dataclasses import dataclass
from typing import Any

from ctcollect.errors import MalformedEntry
from ctcollect.protocol.codec import decode_base64
from ctcollect.protocol.merkle import HASH_BYTES
from ctcollect.protocol.rfc6962.tree_head import MAX_UINT64, SignedTreeHead

# Sections 2.1.1 and 2.1.2 for a tree of 2^64 leaves; a consistency proof holds one node more.
MAX_AUDIT_PATH_NODES = 64
MAX_CONSISTENCY_NODES = MAX_AUDIT_PATH_NODES + 1


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Where a leaf stands (index from 0) and its audit path: 32-byte hashes, from the leaf upwards."""

    leaf_index: int
    audit_path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class EntryAndProof:
    """One entry, its two parts not yet parsed, and its audit path: 32-byte hashes, from the leaf upwards."""

    leaf_input: bytes
    extra_data: bytes
    audit_path: tuple[bytes, ...]


def parse_get_sth(document: object) -> SignedTreeHead:
    """The head in an answer to get-sth (section 4.3). Its signature is not verified here."""
    answer = _Answer(document, "get-sth")
    return SignedTreeHead(
        tree_size=answer.uint64("tree_size"),
        timestamp_ms=answer.uint64("timestamp"),
        root_hash=answer.base64("sha256_root_hash"),
        signature=answer.base64("tree_head_signature"),
    )


def parse_get_sth_consistency(document: object) -> tuple[bytes, ...]:
    """The proof in an answer to get-sth-consistency (section 4.4): 32-byte hashes."""
    return _Answer(document, "get-sth-consistency").hashes("consistency", MAX_CONSISTENCY_NODES)


def parse_get_proof_by_hash(document: object) -> InclusionProof:
    """The proof in an answer to get-proof-by-hash (section 4.5)."""
    answer = _Answer(document, "get-proof-by-hash")
    return InclusionProof(answer.uint64("leaf_index"), answer.hashes("audit_path", MAX_AUDIT_PATH_NODES))


def parse_get_entry_and_proof(document: object) -> EntryAndProof:
    """The entry and the proof in an answer to get-entry-and-proof (section 4.8)."""
    answer = _Answer(document, "get-entry-and-proof")
    return EntryAndProof(
        leaf_input=answer.base64("leaf_input"),
        extra_data=answer.base64("extra_data"),
        audit_path=answer.hashes("audit_path", MAX_AUDIT_PATH_NODES),
    )


class _Answer:
    """Typed access to the members of a JSON object; MalformedEntry names the request and the member."""

    def __init__(self, document: object, request: str) -> None:
        if not isinstance(document, dict):
            raise MalformedEntry(f"{request}: the answer is no JSON object")
        self._members: dict[Any, Any] = document
        self._request = request

    def uint64(self, member: str) -> int:
        number = self._members.get(member)
        # JSON true is a Python int as well.
        if type(number) is not int or not 0 <= number <= MAX_UINT64:
            raise MalformedEntry(f"{self._request}: {member} is no uint64")
        return number

    def base64(self, member: str) -> bytes:
        return self._decoded(self._members.get(member), member)

    def hashes(self, member: str, most: int) -> tuple[bytes, ...]:
        texts = self._members.get(member)
        if not isinstance(texts, list) or len(texts) > most:
            raise MalformedEntry(f"{self._request}: {member} is no list of at most {most} hashes")
        decoded = tuple(self._decoded(text, member) for text in texts)
        if any(len(each) != HASH_BYTES for each in decoded):
            raise MalformedEntry(f"{self._request}: {member} holds a hash that is not of {HASH_BYTES} bytes")
        return decoded

    def _decoded(self, text: object, member: str) -> bytes:
        if not isinstance(text, str):
            raise MalformedEntry(f"{self._request}: {member} is no base64 string")
        return decode_base64(text, f"{self._request}: {member}")
