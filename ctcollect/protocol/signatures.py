"""Signatures of tree heads (RFC 6962 sections 2.1.4 and 3.5): verifying, and signing for a local log."""

from dataclasses import replace
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ctcollect.errors import BadSignature, ConfigurationError, MalformedEntry
from ctcollect.protocol.codec import Reader, opaque16
from ctcollect.protocol.rfc6962 import SignedTreeHead, signature_input

LogKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

# SignatureAndHashAlgorithm (RFC 5246 section 7.4.1.4.1): hash, signature.
SHA256_RSA = bytes((4, 1))
SHA256_ECDSA = bytes((4, 3))
MIN_RSA_BITS = 2048


def log_id(key_der: bytes) -> bytes:
    """LogID (section 3.2): SHA-256 of the log's SubjectPublicKeyInfo; 32 bytes."""
    return sha256(key_der).digest()


@lru_cache(maxsize=1024)
def load_key(key_der: bytes) -> LogKey:
    """The key in a SubjectPublicKeyInfo; ConfigurationError unless it is one that section 2.1.4 allows."""
    try:
        key = load_der_public_key(key_der)
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigurationError("log key: not a DER SubjectPublicKeyInfo, correct the log list") from None
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return key
    raise ConfigurationError("log key: neither ECDSA P-256 nor RSA of 2048 bits or more, correct the log list")


def verify_tree_head(head: SignedTreeHead, key_der: bytes) -> None:
    """That the log with this key signed ``head``: else BadSignature; ConfigurationError for no log key."""
    key = load_key(key_der)
    signature, message = _signature_for(key, head.signature), signature_input(head)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        else:
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise BadSignature(f"tree head of {head.tree_size} entries: the log's key did not sign it") from None


# struct {
#     SignatureAndHashAlgorithm algorithm;  /* HashAlgorithm u8, SignatureAlgorithm u8 */
#     opaque signature<0..2^16-1>;
# } DigitallySigned;                        /* RFC 5246 section 4.7 */
def _signature_for(key: LogKey, digitally_signed: bytes) -> bytes:
    """The bare signature, if the algorithm is the one that goes with ``key``."""
    reader = Reader(digitally_signed, "tree head signature")
    try:
        algorithm, signature = reader.take(2), reader.opaque16()
        reader.end()
    except MalformedEntry as error:
        raise BadSignature(str(error)) from None
    wanted = SHA256_RSA if isinstance(key, rsa.RSAPublicKey) else SHA256_ECDSA
    if algorithm != wanted:
        raise BadSignature(f"tree head signature: algorithm {algorithm.hex()}, this log's key needs {wanted.hex()}")
    return signature


def sign_tree_head(
    tree_size: int, timestamp_ms: int, root_hash: bytes, private_key: ec.EllipticCurvePrivateKey
) -> SignedTreeHead:
    """The head signed with a P-256 key; deterministic (RFC 6979), so that one head has one signature."""
    head = SignedTreeHead(tree_size, timestamp_ms, root_hash, signature=b"")
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    signature = private_key.sign(signature_input(head), algorithm)
    return replace(head, signature=SHA256_ECDSA + opaque16(signature))
