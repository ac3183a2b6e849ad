"""Keys from a seed: the same seed and label give the same key on every machine."""

import random
from dataclasses import dataclass
from hashlib import sha1, sha256

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ctcollect.local_log import der

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# RFC 6979: without it the same seed would give other signatures at each run.
ECDSA_SHA256 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)

RSA_ALGORITHM = der.sequence(der.oid("1.2.840.113549.1.1.1"), b"\x05\x00")


def private_key(seed: int, label: str) -> ec.EllipticCurvePrivateKey:
    """A P-256 key that depends on nothing but ``seed`` and ``label``."""
    digest = sha256(f"{seed}/{label}".encode()).digest()
    return ec.derive_private_key(int.from_bytes(digest, "big") % (P256_ORDER - 1) + 1, ec.SECP256R1())


def spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The SubjectPublicKeyInfo, DER."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True, slots=True)
class SubscriberKey:
    """The public half of a subscriber's key: ``spki`` as DER, ``key_id`` 20 bytes (RFC 5280 4.2.1.2)."""

    spki: bytes
    key_id: bytes


def subscriber_keys(seed: int, ec_count: int = 40, rsa_count: int = 40) -> list[SubscriberKey]:
    """A pool of P-256 and RSA-2048 keys; generating one for each certificate would take hours."""
    of_ec = [spki(private_key(seed, f"subscriber {number}")) for number in range(ec_count)]
    of_rsa = [_rsa_spki(seed, number) for number in range(rsa_count)]
    return [SubscriberKey(each, sha1(each).digest()) for each in of_ec + of_rsa]


def _rsa_spki(seed: int, number: int) -> bytes:
    """An RSA-2048 key that only looks like one: its modulus is any odd number, as nobody signs with it."""
    modulus = random.Random(f"{seed}/rsa {number}").getrandbits(2048) | 1 << 2047 | 1
    public_key = der.sequence(der.integer(modulus), der.integer(65537))
    return der.sequence(RSA_ALGORITHM, der.bit_string(public_key))
