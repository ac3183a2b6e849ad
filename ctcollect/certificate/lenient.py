"""The reader of last resort: every field by tags and lengths alone, where strict parsers refuse."""

import re
from datetime import datetime, timedelta

from ctcollect.certificate.algorithms import (
    BITS_OF_CURVE,
    BITS_OF_TYPE,
    KEY_TYPES,
    SIGNATURE_ALGORITHMS,
    algorithm_oid,
)
from ctcollect.certificate.names import DistinguishedName, parse_name
from ctcollect.certificate.tbs import AUTHORITY_KEY_IDENTIFIER, CERTIFICATE_POLICIES, TbsCertificate
from ctcollect.certificate.tlv import (
    BIT_STRING,
    INTEGER,
    OBJECT_IDENTIFIER,
    SEQUENCE,
    dotted,
    elements,
    first,
)
from ctcollect.errors import MalformedEntry

UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
KEY_IDENTIFIER = 0x80

_TIME_OF_DAY = rb"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:[.,]\d+)?(Z|[+-]\d{4})?"
# UTCTime and GeneralizedTime (X.680, sections 46 and 47). Old certificates leave out seconds or zone.
_TIMES = {
    UTC_TIME: re.compile(rb"(\d\d)" + _TIME_OF_DAY),
    GENERALIZED_TIME: re.compile(rb"(\d{4})" + _TIME_OF_DAY),
}


def parse_time(tag: int, text: bytes) -> datetime:
    """A Time (RFC 5280, section 4.1.2.5) as naive UTC, MalformedEntry when it is none.

    A missing zone counts as UTC.
    """
    pattern = _TIMES.get(tag)
    match = pattern.fullmatch(text) if pattern else None
    if match is None:
        raise MalformedEntry(f"no time: {text[:32]!r}")
    *digits, zone = match.groups(default=b"0")
    year, month, day, hour, minute, second = map(int, digits)
    if tag == UTC_TIME:
        year += 1900 if year >= 50 else 2000
    try:
        return datetime(year, month, day, hour, minute, second) - _offset(zone)
    except (ValueError, OverflowError):
        raise MalformedEntry(f"no such time: {text.decode('ascii')}") from None


def _offset(zone: bytes) -> timedelta:
    """``+hhmm`` or ``-hhmm``; nothing else carries an offset."""
    if len(zone) < 5:
        return timedelta()
    minutes = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
    return -minutes if zone[:1] == b"-" else minutes


class LenientReader:
    """The fields of one TBSCertificate; a method gives its field or raises MalformedEntry."""

    def __init__(self, tbs: TbsCertificate) -> None:
        self._tbs = tbs

    def serial(self) -> int:
        """serialNumber; negative ones exist."""
        return int.from_bytes(self._tbs.serial_number, "big", signed=True)

    def issuer(self) -> DistinguishedName:
        return parse_name(self._tbs.issuer)

    def subject(self) -> DistinguishedName:
        return parse_name(self._tbs.subject)

    def not_before(self) -> datetime:
        """Naive UTC."""
        return self._time(0)

    def not_after(self) -> datetime:
        """Naive UTC."""
        return self._time(1)

    # Validity ::= SEQUENCE { notBefore Time, notAfter Time }
    def _time(self, position: int) -> datetime:
        times = list(elements(self._tbs.validity))
        if len(times) != 2:
            raise MalformedEntry(f"Validity holds {len(times)} times")
        return parse_time(times[position].tag, times[position].contents)

    def signature_algorithm(self) -> str:
        """The standard's name; a dotted identifier for one without a name here."""
        oid = algorithm_oid(self._tbs.signature)
        return SIGNATURE_ALGORITHMS.get(oid, oid)

    # SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }
    def key_type(self) -> str:
        """Type of the public key; a dotted identifier for one without a name here."""
        oid = algorithm_oid(first(self._tbs.subject_public_key_info, SEQUENCE, "SubjectPublicKeyInfo"))
        return KEY_TYPES.get(oid, oid)

    def key_bits(self) -> int | None:
        """Size of the public key in bits; None where type and curve do not tell it."""
        parts = list(elements(first(self._tbs.subject_public_key_info, SEQUENCE, "SubjectPublicKeyInfo")))
        if len(parts) < 2 or parts[1].tag != BIT_STRING:
            raise MalformedEntry("SubjectPublicKeyInfo without a key")
        return _key_bits(self.key_type(), parts[0].contents, parts[1].contents[1:])

    # CertificatePolicies ::= SEQUENCE SIZE (1..MAX) OF PolicyInformation        (RFC 5280, section 4.2.1.4)
    # PolicyInformation ::= SEQUENCE { policyIdentifier CertPolicyId, policyQualifiers ... OPTIONAL }
    def policy_oids(self) -> tuple[str, ...]:
        """Dotted, in order."""
        value = self._tbs.extension(CERTIFICATE_POLICIES)
        policies = elements(first(value, SEQUENCE, "CertificatePolicies")) if value is not None else ()
        return tuple(dotted(first(policy.contents, OBJECT_IDENTIFIER, "CertPolicyId")) for policy in policies)

    # AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0] KeyIdentifier OPTIONAL, ... }      (4.2.1.1)
    def authority_key_id(self) -> str | None:
        """Hexadecimal."""
        value = self._tbs.extension(AUTHORITY_KEY_IDENTIFIER)
        parts = elements(first(value, SEQUENCE, "AuthorityKeyIdentifier")) if value is not None else ()
        return next((part.contents.hex() for part in parts if part.tag == KEY_IDENTIFIER), None)


def _key_bits(key_type: str, algorithm: bytes, key: bytes) -> int | None:
    """``algorithm``: contents of the AlgorithmIdentifier; ``key``: octets of the subjectPublicKey."""
    if key_type == "RSA":  # RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }
        modulus = first(first(key, SEQUENCE, "RSAPublicKey"), INTEGER, "modulus")
        return int.from_bytes(modulus, "big").bit_length()
    parameters = list(elements(algorithm))[1:]
    if not parameters:
        return BITS_OF_TYPE.get(key_type)
    if key_type == "DSA":  # Dss-Parms ::= SEQUENCE { p INTEGER, q INTEGER, g INTEGER }
        p = first(first(parameters[0].whole, SEQUENCE, "Dss-Parms"), INTEGER, "p")
        return int.from_bytes(p, "big").bit_length()
    if key_type == "EC" and parameters[0].tag == OBJECT_IDENTIFIER:
        return BITS_OF_CURVE.get(dotted(parameters[0].contents))
    return None
