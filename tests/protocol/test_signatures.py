"""A tree head is believed only if its log's key signed exactly these bytes."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.errors import BadSignature, ConfigurationError
from ctcollect.protocol.codec import opaque16
from ctcollect.protocol.rfc6962 import signature_input
from ctcollect.protocol.signatures import load_key, sign_tree_head, verify_tree_head
from tests.protocol.mutations import broken

ROOT = bytes(range(32))
PRIVATE_KEY = ec.derive_private_key(2026, ec.SECP256R1())


def to_der(key: PublicKeyTypes) -> bytes:
    """The SubjectPublicKeyInfo of a key."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


KEY = to_der(PRIVATE_KEY.public_key())
HEAD = sign_tree_head(1000, 1_700_000_000_000, ROOT, PRIVATE_KEY)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    """A key of the smallest size that RFC 6962 allows."""
    return rsa.generate_private_key(65537, 2048)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.binary(min_size=32, max_size=32))
def test_what_is_signed_verifies_and_is_the_same_each_time(size: int, timestamp_ms: int, root: bytes) -> None:
    """Any head that a log signs verifies with its key, and signing again gives the same bytes."""
    head = sign_tree_head(size, timestamp_ms, root, PRIVATE_KEY)
    assert (head.tree_size, head.timestamp_ms, head.root_hash) == (size, timestamp_ms, root)
    assert head == sign_tree_head(size, timestamp_ms, root, PRIVATE_KEY)
    verify_tree_head(head, KEY)


@given(broken(st.just(HEAD.signature)))
def test_no_other_signature_is_accepted(signature: bytes) -> None:
    """Broken signatures of any kind are BadSignature in one line, never another error, never accepted."""
    if signature == HEAD.signature:
        return
    with pytest.raises(BadSignature) as caught:
        verify_tree_head(replace(HEAD, signature=signature), KEY)
    assert str(caught.value).isprintable()


def test_another_key_did_not_sign_it() -> None:
    """A true head of one log is no head of another."""
    other = to_der(ec.derive_private_key(2027, ec.SECP256R1()).public_key())
    with pytest.raises(BadSignature, match="tree head of 1000 entries"):
        verify_tree_head(HEAD, other)


def test_rsa_heads_verify(rsa_key: rsa.RSAPrivateKey) -> None:
    """A head signed with RSA PKCS#1 v1.5 and SHA-256 verifies; for a changed timestamp it does not."""
    unsigned = replace(HEAD, signature=b"")
    signature = rsa_key.sign(signature_input(unsigned), padding.PKCS1v15(), SHA256())
    head = replace(unsigned, signature=b"\x04\x01" + opaque16(signature))
    key = to_der(rsa_key.public_key())
    verify_tree_head(head, key)
    with pytest.raises(BadSignature):
        verify_tree_head(replace(head, timestamp_ms=1), key)


@pytest.mark.parametrize("algorithm", ["0401", "0203", "0503", "0003", "0400"])
def test_the_algorithm_must_be_that_of_the_key(algorithm: str) -> None:
    """A good signature under the name of another algorithm is refused, with both in the reason."""
    signature = bytes.fromhex(algorithm) + HEAD.signature[2:]
    with pytest.raises(BadSignature, match=f"algorithm {algorithm}, this log's key needs 0403"):
        verify_tree_head(replace(HEAD, signature=signature), KEY)


def test_ecdsa_algorithm_with_an_rsa_key(rsa_key: rsa.RSAPrivateKey) -> None:
    """The algorithm that goes with an RSA key is RSA."""
    with pytest.raises(BadSignature, match="algorithm 0403, this log's key needs 0401"):
        verify_tree_head(HEAD, to_der(rsa_key.public_key()))


@pytest.mark.parametrize(
    "key_der",
    [
        b"",
        b"not DER",
        KEY[:-1],
        to_der(ec.derive_private_key(1, ec.SECP384R1()).public_key()),
        to_der(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()),
        to_der(rsa.generate_private_key(65537, 1024).public_key()),
    ],
    ids=["empty", "text", "cut off", "P-384", "Ed25519", "RSA 1024"],
)
def test_keys_that_no_log_may_have(key_der: bytes) -> None:
    """What is no key, or not P-256 nor RSA of 2048 bits, is a ConfigurationError that points to the list."""
    with pytest.raises(ConfigurationError, match=r"^log key: .* correct the log list$"):
        load_key(key_der)
    with pytest.raises(ConfigurationError):
        verify_tree_head(HEAD, key_der)
