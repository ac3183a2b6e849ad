"""The readers that ask a library: `cryptography`, which refuses much, and OpenSSL, which refuses less."""

from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID
from OpenSSL import crypto

from ctcollect.certificate.lenient import GENERALIZED_TIME, LenientReader, parse_time
from ctcollect.certificate.names import DistinguishedName
from ctcollect.certificate.tbs import (
    AUTHORITY_KEY_IDENTIFIER,
    CERTIFICATE_POLICIES,
    TbsCertificate,
    with_extensions,
)
from ctcollect.errors import MalformedEntry

ASKED = frozenset({CERTIFICATE_POLICIES, AUTHORITY_KEY_IDENTIFIER})
ISSUERS_KEPT = 1024
LONGEST_ISSUER_KEPT = 1024
# By DER: few authorities issue nearly all certificates, and to write a name out is a fifth of all work on one.
_issuers: dict[bytes, DistinguishedName] = {}


class StrictReader(LenientReader):
    """`cryptography`. Its methods may raise anything: what a real certificate brings up is not documented."""

    def __init__(self, tbs: TbsCertificate) -> None:
        super().__init__(tbs)
        # It makes objects of all extensions when it is asked for one, of hundreds of names for nothing.
        asked = with_extensions(tbs, ASKED.__contains__)
        self._certificate = x509.load_der_x509_certificate(asked.as_certificate())

    def serial(self) -> int:
        return self._certificate.serial_number

    def issuer(self) -> DistinguishedName:
        der = self._tbs.issuer
        if der in _issuers:
            return _issuers[der]
        name = _distinguished_name(self._certificate.issuer)
        if len(_issuers) >= ISSUERS_KEPT:
            _issuers.clear()
        if len(der) <= LONGEST_ISSUER_KEPT:
            _issuers[der] = name
        return name

    def subject(self) -> DistinguishedName:
        return _distinguished_name(self._certificate.subject)

    def not_before(self) -> datetime:
        return self._certificate.not_valid_before_utc.replace(tzinfo=None)

    def not_after(self) -> datetime:
        return self._certificate.not_valid_after_utc.replace(tzinfo=None)

    def key_bits(self) -> int | None:
        # Keys of one fixed size have no key_size.
        return getattr(self._certificate.public_key(), "key_size", None) or super().key_bits()

    def policy_oids(self) -> tuple[str, ...]:
        try:
            policies = self._certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
        except x509.ExtensionNotFound:
            return ()
        return tuple(policy.policy_identifier.dotted_string for policy in policies)

    def authority_key_id(self) -> str | None:
        try:
            extension = self._certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
        except x509.ExtensionNotFound:
            return None
        key_identifier = extension.value.key_identifier
        return None if key_identifier is None else key_identifier.hex()


def _distinguished_name(name: x509.Name) -> DistinguishedName:
    common_name, organization = (
        next((str(attribute.value) for attribute in name.get_attributes_for_oid(oid)), None)
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    )
    return DistinguishedName(name.rfc4514_string(), common_name, organization)


class OpenSSLReader(LenientReader):
    """OpenSSL. It tells what pyOpenSSL still asks of it; names and extensions come from LenientReader."""

    def __init__(self, tbs: TbsCertificate) -> None:
        super().__init__(tbs)
        self._certificate = crypto.load_certificate(crypto.FILETYPE_ASN1, tbs.as_certificate())

    def serial(self) -> int:
        return self._certificate.get_serial_number()

    def not_before(self) -> datetime:
        return _time(self._certificate.get_notBefore())

    def not_after(self) -> datetime:
        return _time(self._certificate.get_notAfter())

    def key_bits(self) -> int | None:
        return self._certificate.get_pubkey().bits()


def _time(text: bytes | None) -> datetime:
    if text is None:
        raise MalformedEntry("no time")
    return parse_time(GENERALIZED_TIME, text)
