"""The TBSCertificate taken apart without judging its fields, and its form common to precertificate and
certificate.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from ctcollect.certificate.tlv import (
    BIT_STRING,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    Element,
    element_at,
    elements,
    encode,
    first,
)
from ctcollect.errors import MalformedEntry
from ctcollect.protocol.rfc6962 import EntryType, MerkleTreeLeaf

VERSION = 0xA0
EXTENSIONS = 0xA3

# Contents of the object identifiers.
SUBJECT_ALT_NAME = bytes.fromhex("551d11")  # 2.5.29.17
CERTIFICATE_POLICIES = bytes.fromhex("551d20")  # 2.5.29.32
AUTHORITY_KEY_IDENTIFIER = bytes.fromhex("551d23")  # 2.5.29.35
SCT_LIST = bytes.fromhex("2b06010401d679020402")  # 1.3.6.1.4.1.11129.2.4.2
POISON = bytes.fromhex("2b06010401d679020403")  # 1.3.6.1.4.1.11129.2.4.3


class Extension(NamedTuple):
    """``extn_id`` and ``value`` are contents, without tag and length."""

    extn_id: bytes
    value: bytes
    whole: bytes


@dataclass(frozen=True)
class TbsCertificate:
    """DER of the fields of a TBSCertificate, each whole (with tag and length) unless it says otherwise."""

    whole: bytes
    serial_number: bytes  # contents
    signature: bytes
    issuer: bytes
    validity: bytes  # contents
    subject: bytes
    subject_public_key_info: bytes
    explicit_extensions: bytes  # contents of the [3]; empty when there are none

    def extensions(self) -> Iterator[Extension]:
        """In order; MalformedEntry where the list is damaged."""
        found, damage = self.all_extensions
        yield from found
        if damage:
            raise MalformedEntry(damage)

    @cached_property
    def all_extensions(self) -> tuple[list[Extension], str]:
        """Those before the damage, and the damage, "" when there is none."""
        found: list[Extension] = []
        try:
            explicit = self.explicit_extensions
            for element in elements(first(explicit, SEQUENCE, "Extensions") if explicit else b""):
                found.append(_extension(element))  # noqa: PERF401 (those before a damage stay)
        except MalformedEntry as damage:
            return found, str(damage)
        return found, ""

    def extension(self, oid: bytes) -> bytes | None:
        """The value of the first extension ``oid``, None when there is none; errors as `extensions`."""
        return next((each.value for each in self.extensions() if each.extn_id == oid), None)

    def as_certificate(self) -> bytes:
        """A Certificate with an empty signature around it: what X.509 libraries take."""
        return encode(SEQUENCE, self.whole + self.signature + encode(BIT_STRING, b"\0"))


# TBSCertificate  ::=  SEQUENCE  {                                (RFC 5280, section 4.1)
#      version         [0]  EXPLICIT Version DEFAULT v1,
#      serialNumber         CertificateSerialNumber,
#      signature            AlgorithmIdentifier,
#      issuer               Name,
#      validity             Validity,
#      subject              Name,
#      subjectPublicKeyInfo SubjectPublicKeyInfo,
#      issuerUniqueID  [1]  IMPLICIT UniqueIdentifier OPTIONAL,
#      subjectUniqueID [2]  IMPLICIT UniqueIdentifier OPTIONAL,
#      extensions      [3]  EXPLICIT Extensions OPTIONAL }
MAX_FIELDS = 10
_REQUIRED = (INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE)


def parse_tbs(tbs_certificate: bytes) -> TbsCertificate:
    """The fields of the DER of a TBSCertificate; MalformedEntry when this is not its structure.

    The fields' contents are not looked into, so that a fault in one of them stays with it.
    """
    fields = list(islice(elements(first(tbs_certificate, SEQUENCE, "TBSCertificate")), MAX_FIELDS))
    if fields and fields[0].tag == VERSION:
        del fields[0]
    if tuple(field.tag for field in fields[:6]) != _REQUIRED:
        raise MalformedEntry("no TBSCertificate: its required fields are missing or of another type")
    serial_number, signature, issuer, validity, subject, key_info = fields[:6]
    explicit = next((field.contents for field in fields[6:] if field.tag == EXTENSIONS), b"")
    return TbsCertificate(
        whole=tbs_certificate,
        serial_number=serial_number.contents,
        signature=signature.whole,
        issuer=issuer.whole,
        validity=validity.contents,
        subject=subject.whole,
        subject_public_key_info=key_info.whole,
        explicit_extensions=explicit,
    )


# Extension  ::=  SEQUENCE  {
#      extnID      OBJECT IDENTIFIER,
#      critical    BOOLEAN DEFAULT FALSE,
#      extnValue   OCTET STRING }
MAX_PARTS = 3


def _extension(element: Element) -> Extension:
    contents, at = element.contents, 0
    parts: list[tuple[int, bytes]] = []
    while at < len(contents) and len(parts) < MAX_PARTS:
        tag, start, at = element_at(contents, at)
        parts.append((tag, contents[start:at]))
    if element.tag != SEQUENCE or not parts or parts[0][0] != OBJECT_IDENTIFIER:
        raise MalformedEntry("an extension without its object identifier")
    if parts[-1][0] != OCTET_STRING:
        raise MalformedEntry("an extension without its value")
    return Extension(parts[0][1], parts[-1][1], element.whole)


# Certificate  ::=  SEQUENCE  {
#      tbsCertificate       TBSCertificate,
#      signatureAlgorithm   AlgorithmIdentifier,
#      signatureValue       BIT STRING }
def tbs_of_certificate(certificate: bytes) -> bytes:
    """The DER of the TBSCertificate in the DER of a Certificate; MalformedEntry when there is none."""
    tbs = next(elements(first(certificate, SEQUENCE, "Certificate")), None)
    if tbs is None:
        raise MalformedEntry("TBSCertificate is missing")
    return tbs.whole


def tbs_of_entry(leaf: MerkleTreeLeaf) -> bytes:
    """The DER of the TBSCertificate that the log signed for; MalformedEntry when the leaf holds none."""
    if leaf.entry_type == EntryType.PRECERT:
        return leaf.tbs_certificate or b""
    return tbs_of_certificate(leaf.certificate or b"")


def without_ct_extensions(tbs: TbsCertificate) -> TbsCertificate:
    """The TBSCertificate of RFC 6962, section 3.2: without poison and SCT list, the lengths set anew.

    One issuance gives one result, be it read from the precertificate, the log's precert entry or the
    certificate. A TBSCertificate that holds neither, or whose extensions are damaged, comes back as it is.
    """
    return with_extensions(tbs, lambda extn_id: extn_id not in (SCT_LIST, POISON))


def with_extensions(tbs: TbsCertificate, is_kept: Callable[[bytes], bool]) -> TbsCertificate:
    """Only with the extensions whose identifier is to be kept; as it is where they are damaged."""
    extensions, damage = tbs.all_extensions
    kept = [each for each in extensions if is_kept(each.extn_id)]
    if damage or len(kept) == len(extensions):
        return tbs
    explicit = encode(SEQUENCE, b"".join(each.whole for each in kept)) if kept else b""
    contents, at = first(tbs.whole, SEQUENCE, "TBSCertificate"), 0
    fields: list[bytes] = []
    while at < len(contents):
        tag, _, end = element_at(contents, at)
        if tag != EXTENSIONS:
            fields.append(contents[at:end])
        at = end
    if explicit:
        fields.append(encode(EXTENSIONS, explicit))
    changed = replace(tbs, whole=encode(SEQUENCE, b"".join(fields)), explicit_extensions=explicit)
    vars(changed)["all_extensions"] = kept, ""  # what reading them again would give
    return changed
