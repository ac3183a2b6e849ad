"""TBSCertificates, the authorities that sign them, and the SCTs they carry (RFC 5280, RFC 6962)."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha1, sha256

from cryptography.hazmat.primitives.asymmetric import ec

from ctcollect.local_log import der, extensions, keys
from ctcollect.protocol.codec import opaque16
from ctcollect.protocol.rfc6962 import MerkleTreeLeaf
from ctcollect.protocol.signatures import log_id

VERSION_3 = der.explicit(0, der.integer(2))
ECDSA_WITH_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"))

COMMON_NAME = der.oid("2.5.4.3")
COUNTRY = der.oid("2.5.4.6")
LOCALITY = der.oid("2.5.4.7")
ORGANIZATION = der.oid("2.5.4.10")
ORGANIZATIONAL_UNIT = der.oid("2.5.4.11")

# DigitallySigned (RFC 5246 4.7): hash sha256(4), signature ecdsa(3)
SHA256_ECDSA = b"\x04\x03"


def attribute(kind: bytes, value: bytes) -> bytes:
    """One RelativeDistinguishedName of one attribute; ``value`` is a whole TLV of any string type."""
    return der.set_of(der.sequence(kind, value))


# TBSCertificate ::= SEQUENCE {
#     version         [0] EXPLICIT Version,
#     serialNumber    CertificateSerialNumber,
#     signature       AlgorithmIdentifier,
#     issuer          Name,
#     validity        Validity,
#     subject         Name,
#     subjectPublicKeyInfo SubjectPublicKeyInfo,
#     extensions      [3] EXPLICIT Extensions }
@dataclass(frozen=True, slots=True)
class Tbs:
    """A TBSCertificate but for what its issuer gives; every field is DER."""

    serial: bytes
    not_before: bytes
    not_after: bytes
    rdns: tuple[bytes, ...]
    spki: bytes
    extensions: tuple[bytes, ...]

    def encode(self, issuer: "Authority", *more_extensions: bytes) -> bytes:
        """As issued by ``issuer``: its name and its key identifier go in, ``more_extensions`` last."""
        return der.sequence(
            VERSION_3,
            self.serial,
            ECDSA_WITH_SHA256,
            issuer.name,
            der.sequence(self.not_before, self.not_after),
            der.sequence(*self.rdns),
            self.spki,
            der.explicit(3, der.sequence(issuer.key_id_extension, *self.extensions, *more_extensions)),
        )


@dataclass(frozen=True)
class Authority:
    """One CA: its names, its P-256 key, and ``chain``, its own certificate first and the root last (DER)."""

    rdns: tuple[bytes, ...]
    key: ec.EllipticCurvePrivateKey
    chain: tuple[bytes, ...] = ()

    @cached_property
    def name(self) -> bytes:
        return der.sequence(*self.rdns)

    @cached_property
    def spki(self) -> bytes:
        return keys.spki(self.key)

    @cached_property
    def key_hash(self) -> bytes:
        """issuer_key_hash of RFC 6962 3.2: SHA-256 of the SubjectPublicKeyInfo."""
        return sha256(self.spki).digest()

    @cached_property
    def key_id(self) -> bytes:
        return sha1(self.spki).digest()

    @cached_property
    def key_id_extension(self) -> bytes:
        return extensions.authority_key_id(self.key_id)

    def sign(self, tbs: bytes) -> bytes:
        """The Certificate over ``tbs``."""
        return der.sequence(tbs, ECDSA_WITH_SHA256, der.bit_string(self.key.sign(tbs, keys.ECDSA_SHA256)))

    def certify(self, rdns: tuple[bytes, ...], key: ec.EllipticCurvePrivateKey, *purposes: str) -> "Authority":
        """A further CA under this one; ``purposes`` are the extended key usages of its certificate."""
        child = Authority(rdns, key)
        certificate = self.sign(_authority_tbs(child, purposes).encode(self))
        return Authority(rdns, key, (certificate, *self.chain))


def root(rdns: tuple[bytes, ...], key: ec.EllipticCurvePrivateKey) -> Authority:
    """A self-signed authority."""
    return Authority(rdns, key).certify(rdns, key)


def _authority_tbs(authority: Authority, purposes: Sequence[str]) -> Tbs:
    return Tbs(
        serial=der.integer(int.from_bytes(authority.key_hash[:15], "big") | 1 << 119),
        not_before=der.time(datetime(2020, 1, 1, tzinfo=UTC)),
        not_after=der.time(datetime(2045, 1, 1, tzinfo=UTC)),
        rdns=authority.rdns,
        spki=authority.spki,
        extensions=(
            extensions.basic_constraints(is_ca=True),
            extensions.key_usage(extensions.DIGITAL_SIGNATURE, extensions.KEY_CERT_SIGN, extensions.CRL_SIGN),
            *([extensions.extended_key_usage(*purposes)] if purposes else []),
            extensions.subject_key_id(authority.key_id),
            extensions.policies(
                "https://repository.local-ca.example/practice-statement/current", extensions.ANY_POLICY
            ),
            extensions.authority_information(
                "http://ocsp.root.local-ca.example/authorities",
                f"http://certificates.root.local-ca.example/{authority.key_id.hex()}.der",
            ),
            extensions.crl_distribution_point(
                f"http://crl.root.local-ca.example/{authority.key_id.hex()}/authorities.crl"
            ),
        ),
    )


@dataclass(frozen=True)
class SctSigner:
    """A log that promises to take certificates in."""

    key: ec.EllipticCurvePrivateKey

    @cached_property
    def log_id(self) -> bytes:
        return log_id(keys.spki(self.key))

    # struct {
    #     Version sct_version;          /* v1(0), u8 */
    #     LogID id;                     /* opaque key_id[32] */
    #     uint64 timestamp;
    #     CtExtensions extensions;      /* opaque<0..2^16-1> */
    #     digitally-signed struct {...};
    # } SignedCertificateTimestamp;
    def sct(self, leaf: MerkleTreeLeaf) -> bytes:
        """The SCT for ``leaf`` (RFC 6962 3.2); what it signs has the bytes of the MerkleTreeLeaf."""
        head = struct.pack(">B32sQH", 0, self.log_id, leaf.timestamp_ms, 0)
        return head + SHA256_ECDSA + opaque16(self.key.sign(leaf.encode(), keys.ECDSA_SHA256))


def sct_list(scts: Iterable[bytes]) -> bytes:
    """The SCT list extension (RFC 6962 3.3) of these SCTs."""
    return extensions.sct_list(opaque16(b"".join(map(opaque16, scts))))
