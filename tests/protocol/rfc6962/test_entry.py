"""Leaves and extra data: what is written is read again, anything else is MalformedEntry and nothing worse."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctcollect.errors import MalformedEntry
from ctcollect.protocol.codec import opaque24
from ctcollect.protocol.rfc6962 import (
    EntryType,
    ExtraData,
    MerkleTreeLeaf,
    is_well_formed,
    parse_extra_data,
    parse_leaf,
)
from tests.protocol.mutations import broken

timestamps = st.integers(0, 2**64 - 1)
der = st.binary(min_size=1, max_size=60)
extensions = st.binary(max_size=20)
x509_leaves = st.builds(MerkleTreeLeaf, timestamps, st.just(EntryType.X509), der, st.none(), st.none(), extensions)
precert_leaves = st.builds(
    MerkleTreeLeaf,
    timestamps,
    st.just(EntryType.PRECERT),
    st.none(),
    st.binary(min_size=32, max_size=32),
    der,
    extensions,
)
leaves = x509_leaves | precert_leaves
extra_data = st.builds(ExtraData, st.none() | der, st.lists(der, max_size=4).map(tuple))

X509 = MerkleTreeLeaf(1, EntryType.X509, b"certificate", None, None, b"ext")
PRECERT = MerkleTreeLeaf(1, EntryType.PRECERT, None, b"k" * 32, b"tbs", b"ext")


def parses(leaf_input: bytes) -> bool:
    """Whether parse_leaf gives a value; any exception but MalformedEntry fails the test."""
    try:
        return parse_leaf(leaf_input).encode() == leaf_input
    except MalformedEntry:
        return False


@given(leaves)
def test_leaves_come_back(leaf: MerkleTreeLeaf) -> None:
    """Any leaf of either type is parsed from its encoding, field for field."""
    assert parse_leaf(leaf.encode()) == leaf
    assert is_well_formed(leaf.encode())


@settings(max_examples=500)
@given(broken(leaves.map(MerkleTreeLeaf.encode)))
def test_both_verdicts_on_a_leaf_agree(leaf_input: bytes) -> None:
    """is_well_formed says of any bytes what parse_leaf finds; what parses is encoded to the same bytes."""
    assert is_well_formed(leaf_input) is parses(leaf_input)


@pytest.mark.parametrize("leaf", [X509, PRECERT])
def test_verdicts_agree_on_every_changed_byte_and_length(leaf: MerkleTreeLeaf) -> None:
    """A leaf with one byte set to each value, cut at each place or lengthened gets the same verdict twice."""
    valid = leaf.encode()
    changed = [valid[:i] + bytes([v]) + valid[i + 1 :] for i in range(len(valid)) for v in range(256)]
    cut = [valid[:i] for i in range(len(valid))]
    assert [is_well_formed(each) for each in changed] == [parses(each) for each in changed]
    assert not any(is_well_formed(each) or parses(each) for each in [*cut, valid + b"\x00"])


@pytest.mark.parametrize(
    "leaf",
    [replace(X509, certificate=bytes(70_000)), replace(PRECERT, tbs_certificate=bytes(2**24 - 1))],
)
def test_certificates_may_be_large(leaf: MerkleTreeLeaf) -> None:
    """A certificate may have up to 2^24-1 bytes: all three bytes of its length count."""
    valid = leaf.encode()
    assert parse_leaf(valid) == leaf
    assert is_well_formed(valid)
    assert not is_well_formed(valid[:-1])


@pytest.mark.parametrize(
    ("leaf_input", "reason"),
    [
        (b"", "leaf_input: 2 bytes wanted at offset 0, 0 left"),
        (b"\x01" + X509.encode()[1:], "version and leaf_type are 0x0100, not 0x0000"),
        (b"\x00\x01" + X509.encode()[2:], "version and leaf_type are 0x0001, not 0x0000"),
        (X509.encode()[:11] + b"\x02" + X509.encode()[12:], "entry_type 2 is neither"),
        (X509.encode()[:12] + bytes(5), "empty certificate"),
        (PRECERT.encode()[:44] + bytes(5), "empty TBSCertificate"),
        (X509.encode() + b"\x00", "1 bytes left over"),
    ],
)
def test_the_reason_says_what_is_wrong(leaf_input: bytes, reason: str) -> None:
    """Each way in which a leaf breaks its format has its own reason, and fails the fast check as well."""
    with pytest.raises(MalformedEntry, match=reason):
        parse_leaf(leaf_input)
    assert not is_well_formed(leaf_input)


@pytest.mark.parametrize(
    "leaf",
    [
        MerkleTreeLeaf(1, EntryType.X509, None, None, b"tbs"),
        MerkleTreeLeaf(1, EntryType.PRECERT, None, b"short", b"tbs"),
        MerkleTreeLeaf(1, EntryType.PRECERT, b"certificate", b"k" * 32, None),
    ],
)
def test_no_encoding_of_fields_that_do_not_suit(leaf: MerkleTreeLeaf) -> None:
    """A leaf without the fields of its type is never written."""
    with pytest.raises(ValueError, match=f"do not suit {leaf.entry_type.name}"):
        leaf.encode()


@given(extra_data)
def test_extra_data_comes_back(extra: ExtraData) -> None:
    """Any chain, with or without a precertificate before it, is parsed from its encoding."""
    entry_type = EntryType.X509 if extra.pre_certificate is None else EntryType.PRECERT
    assert parse_extra_data(extra.encode(), entry_type) == extra


@settings(max_examples=500)
@given(broken(extra_data.map(ExtraData.encode)), st.sampled_from(EntryType))
def test_any_extra_data_gives_a_value_or_malformed(data: bytes, entry_type: EntryType) -> None:
    """Bytes that parse are encoded to the same bytes; all others are MalformedEntry, never another error."""
    with suppress(MalformedEntry):
        assert parse_extra_data(data, entry_type).encode() == data


@pytest.mark.parametrize(
    ("chain", "reason"),
    [
        (opaque24(b"x") * 1025, "more than 1024 certificates"),
        (opaque24(b""), "empty certificate in the chain"),
    ],
)
def test_chains_that_no_log_accepts(chain: bytes, reason: str) -> None:
    """A chain without end and a certificate without bytes are refused, whatever their lengths say."""
    with pytest.raises(MalformedEntry, match=reason):
        parse_extra_data(opaque24(chain), EntryType.X509)
