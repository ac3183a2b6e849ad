"""Certificate extensions (RFC 5280 4.2, RFC 6962 3.1 and 3.3), each as a whole DER ``Extension``."""

from collections.abc import Sequence

from ctcollect.local_log import der

DIGITAL_SIGNATURE, KEY_CERT_SIGN, CRL_SIGN = 0, 5, 6
SERVER_AUTH, CLIENT_AUTH = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
PRECERTIFICATE_SIGNING = "1.3.6.1.4.1.11129.2.4.4"
DOMAIN_VALIDATED, ORGANIZATION_VALIDATED, ANY_POLICY = "2.23.140.1.2.1", "2.23.140.1.2.2", "2.5.29.32.0"


def extension(dotted: str, value: bytes, critical: bool = False) -> bytes:
    """``Extension``: ``value`` is the TLV that goes into extnValue."""
    return der.sequence(der.oid(dotted), der.TRUE if critical else b"", der.octet_string(value))


# poison: extnValue OCTET STRING contains ASN.1 NULL (RFC 6962 3.1)
POISON = extension("1.3.6.1.4.1.11129.2.4.3", b"\x05\x00", critical=True)


def basic_constraints(is_ca: bool) -> bytes:
    return extension("2.5.29.19", der.sequence(der.TRUE if is_ca else b""), critical=True)


def key_usage(*bits: int) -> bytes:
    return extension("2.5.29.15", der.named_bits(bits), critical=True)


def extended_key_usage(*purposes: str) -> bytes:
    return extension("2.5.29.37", der.sequence(*map(der.oid, purposes)))


def subject_key_id(key_id: bytes) -> bytes:
    return extension("2.5.29.14", der.octet_string(key_id))


def authority_key_id(key_id: bytes) -> bytes:
    return extension("2.5.29.35", der.sequence(der.implicit(0, key_id)))


def subject_alt_name(general_names: Sequence[bytes]) -> bytes:
    return extension("2.5.29.17", der.sequence(*general_names))


def policies(practice_statement: str, *identifiers: str) -> bytes:
    """CertificatePolicies; the first policy carries the address of the practice statement."""
    qualifier = der.sequence(der.oid("1.3.6.1.5.5.7.2.1"), der.tlv(der.IA5_STRING, practice_statement.encode()))
    first, *others = map(der.oid, identifiers)
    return extension(
        "2.5.29.32", der.sequence(der.sequence(first, der.sequence(qualifier)), *map(der.sequence, others))
    )


def authority_information(ocsp: str, issuers: str) -> bytes:
    """AuthorityInfoAccess with one address for OCSP and one for the issuer's certificate."""
    descriptions = (
        der.sequence(der.oid(method), der.implicit(6, address.encode()))
        for method, address in (("1.3.6.1.5.5.7.48.1", ocsp), ("1.3.6.1.5.5.7.48.2", issuers))
    )
    return extension("1.3.6.1.5.5.7.1.1", der.sequence(*descriptions))


def crl_distribution_point(address: str) -> bytes:
    full_name = der.explicit(0, der.explicit(0, der.implicit(6, address.encode())))
    return extension("2.5.29.31", der.sequence(der.sequence(full_name)))


def sct_list(scts: bytes) -> bytes:
    """``scts``: a SignedCertificateTimestampList."""
    return extension("1.3.6.1.4.1.11129.2.4.2", der.octet_string(scts))
