"""The JSON answers of a log: whatever it sends is a value or MalformedEntry."""

import base64
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.errors import MalformedEntry
from ctcollect.protocol.rfc6962 import (
    EntryAndProof,
    InclusionProof,
    SignedTreeHead,
    parse_get_entry_and_proof,
    parse_get_proof_by_hash,
    parse_get_sth,
    parse_get_sth_consistency,
    signature_input,
)

HASH = bytes(range(32))
HASH_TEXT = base64.b64encode(HASH).decode()
STH = {"tree_size": 7, "timestamp": 8, "sha256_root_hash": HASH_TEXT, "tree_head_signature": "BAMAAA=="}
PROOF_BY_HASH = {"leaf_index": 5, "audit_path": [HASH_TEXT, HASH_TEXT]}
CONSISTENCY = {"consistency": [HASH_TEXT]}
ENTRY_AND_PROOF = {"leaf_input": "AQ==", "extra_data": "", "audit_path": [HASH_TEXT]}

Parser = Callable[[object], object]
ANSWERS: list[tuple[Parser, dict[str, Any]]] = [
    (parse_get_sth, STH),
    (parse_get_proof_by_hash, PROOF_BY_HASH),
    (parse_get_sth_consistency, CONSISTENCY),
    (parse_get_entry_and_proof, ENTRY_AND_PROOF),
]

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just(HASH_TEXT)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def test_answers_give_their_values() -> None:
    """Each answer's members arrive decoded, under the names of the standard."""
    assert parse_get_sth(STH) == SignedTreeHead(7, 8, HASH, b"\x04\x03\x00\x00")
    assert parse_get_proof_by_hash(PROOF_BY_HASH) == InclusionProof(5, (HASH, HASH))
    assert parse_get_sth_consistency(CONSISTENCY) == (HASH,)
    assert parse_get_entry_and_proof(ENTRY_AND_PROOF) == EntryAndProof(b"\x01", b"", (HASH,))


def test_signature_input_is_the_structure_of_the_standard() -> None:
    """Version 0, tree_hash 1, the timestamp, the size and the root: 50 bytes in this order."""
    assert signature_input(parse_get_sth(STH)) == b"\x00\x01" + bytes(7) + b"\x08" + bytes(7) + b"\x07" + HASH


@given(st.sampled_from(ANSWERS), json_values)
def test_any_json_gives_a_value_or_malformed(answer: tuple[Parser, dict[str, Any]], value: object) -> None:
    """No JSON value, and no value of any member, gives another exception."""
    parse, valid = answer
    for document in [value, *({**valid, member: value} for member in valid)]:
        with suppress(MalformedEntry):
            parse(document)


@pytest.mark.parametrize(("parse", "valid"), ANSWERS)
def test_no_member_may_be_missing(parse: Parser, valid: dict[str, Any]) -> None:
    """An answer without one of its members is malformed, and the reason names the member."""
    for member in valid:
        with pytest.raises(MalformedEntry, match=member):
            parse({key: value for key, value in valid.items() if key != member})


@pytest.mark.parametrize("size", [True, -1, 2**64, 7.0, "7", None])
def test_sizes_are_uint64(size: object) -> None:
    """What is not an integer of 64 bits is no size and no index: not true, not 7.0, not "7"."""
    with pytest.raises(MalformedEntry, match="tree_size is no uint64"):
        parse_get_sth({**STH, "tree_size": size})
    with pytest.raises(MalformedEntry, match="leaf_index is no uint64"):
        parse_get_proof_by_hash({**PROOF_BY_HASH, "leaf_index": size})


@pytest.mark.parametrize("number", [0, 2**64 - 1])
def test_the_least_and_the_greatest_uint64(number: int) -> None:
    """Sizes, times and indices may be zero, and as large as 64 bits can hold."""
    head = parse_get_sth({**STH, "tree_size": number, "timestamp": number})
    assert (head.tree_size, head.timestamp_ms) == (number, number)
    assert parse_get_proof_by_hash({**PROOF_BY_HASH, "leaf_index": number}).leaf_index == number


@pytest.mark.parametrize(
    ("parse", "member", "most"),
    [
        (parse_get_proof_by_hash, "audit_path", 64),
        (parse_get_entry_and_proof, "audit_path", 64),
        (parse_get_sth_consistency, "consistency", 65),
    ],
)
def test_lists_of_hashes_are_bounded(parse: Parser, member: str, most: int) -> None:
    """A proof has at most the nodes that a tree of 2^64 leaves asks for, each of 32 bytes."""
    valid = {**PROOF_BY_HASH, **ENTRY_AND_PROOF}
    parse({**valid, member: [HASH_TEXT] * most})
    for texts in [[HASH_TEXT] * (most + 1), [HASH_TEXT, "AAAA"], HASH_TEXT]:
        with pytest.raises(MalformedEntry, match=member):
            parse({**valid, member: texts})


@pytest.mark.parametrize(
    ("tree_size", "timestamp_ms", "root_hash"), [(-1, 0, HASH), (0, 2**64, HASH), (0, 0, HASH[1:])]
)
def test_no_head_without_a_signature_input(tree_size: int, timestamp_ms: int, root_hash: bytes) -> None:
    """A head whose fields cannot be signed does not come into being, from whatever source."""
    with pytest.raises(MalformedEntry, match="tree head"):
        SignedTreeHead(tree_size, timestamp_ms, root_hash, b"")
