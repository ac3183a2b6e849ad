"""One issuance in all the forms that a log may show, made with `cryptography`."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ctcollect.protocol.codec import opaque16
from tests.certificate.der import tlv

SCT_LIST_OID = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
SCTS = ((b"\xaa" * 32, 1_700_000_000_123), (b"\xbb" * 32, 1_700_000_000_456))


def sct_list() -> bytes:
    """The value of the SCT list extension that holds SCTS."""
    serialized = (b"\0" + log + time.to_bytes(8, "big") + b"\0\0" + b"\4\3" + opaque16(b"sig") for log, time in SCTS)
    return tlv(0x04, opaque16(b"".join(map(opaque16, serialized))))


def dn(common_name: str, organization: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


@dataclass(frozen=True)
class Issuance:
    """The DER of the issuer, the precertificate, the log's TBSCertificate and the final certificate."""

    issuer: bytes
    issuer_spki: bytes
    pre_certificate: bytes
    log_tbs: bytes
    certificate: bytes


def issue(common_name: str, sans: tuple[str, ...], serial: int = 0x0ABC) -> Issuance:
    """Issues for ``common_name`` and ``sans``; all three forms differ in their CT extensions alone."""
    ca_key = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP384R1()).public_key()
    ca_name = dn("Test CA", "Issuer, Inc.")
    base = (
        x509.CertificateBuilder()
        .issuer_name(ca_name)
        .not_valid_before(datetime(2025, 1, 1, 9, tzinfo=UTC))
        .not_valid_after(datetime(2026, 1, 31, 14, 59, 59, tzinfo=UTC))
    )
    issuer = base.subject_name(ca_name).serial_number(1).public_key(ca_key.public_key()).sign(ca_key, hashes.SHA256())
    policies = [x509.ObjectIdentifier("2.23.140.1.2.2"), x509.ObjectIdentifier("1.2.392.200091.1")]
    leaf = (
        base.subject_name(dn(common_name, "株式会社"))
        .serial_number(serial)
        .public_key(key)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in sans]), False)
    )
    ending = x509.CertificatePolicies([x509.PolicyInformation(policy, None) for policy in policies])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    forms = (
        leaf.add_extension(x509.PrecertPoison(), True),
        leaf,
        leaf.add_extension(x509.UnrecognizedExtension(SCT_LIST_OID, sct_list()), False),
    )
    pre_certificate, plain, final = (
        form.add_extension(ending, False).add_extension(usage, False).sign(ca_key, hashes.SHA384()) for form in forms
    )
    return Issuance(
        issuer=issuer.public_bytes(Encoding.DER),
        issuer_spki=ca_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        pre_certificate=pre_certificate.public_bytes(Encoding.DER),
        log_tbs=plain.tbs_certificate_bytes,
        certificate=final.public_bytes(Encoding.DER),
    )
