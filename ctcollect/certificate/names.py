"""The names of a certificate, read leniently: distinguished names, and the DNS names that decide on .jp."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from ctcollect.certificate.tbs import (
    SUBJECT_ALT_NAME,
    TbsCertificate,
    parse_tbs,
    tbs_of_certificate,
    tbs_of_entry,
)
from ctcollect.certificate.tlv import (
    BIT_STRING,
    OBJECT_IDENTIFIER,
    SEQUENCE,
    SET,
    Element,
    dotted,
    elements,
    first,
)
from ctcollect.domains import is_jp, normalise
from ctcollect.errors import MalformedEntry
from ctcollect.protocol.rfc6962 import MerkleTreeLeaf

DNS_NAME = 0x82

COMMON_NAME = bytes.fromhex("550403")
ORGANIZATION = bytes.fromhex("55040a")

# RFC 4514, section 3.
ATTRIBUTE_KEYWORDS = {
    COMMON_NAME: "CN",
    bytes.fromhex("550407"): "L",
    bytes.fromhex("550408"): "ST",
    ORGANIZATION: "O",
    bytes.fromhex("55040b"): "OU",
    bytes.fromhex("550406"): "C",
    bytes.fromhex("550409"): "STREET",
    bytes.fromhex("0992268993f22c640119"): "DC",
    bytes.fromhex("0992268993f22c640101"): "UID",
}

# RFC 5280, section 4.1.2.4, and X.680, table 8: UTF8String, NumericString, PrintableString, TeletexString,
# IA5String, VisibleString. Real certificates put UTF-8 and Latin-1 into any of them.
OCTET_STRING_TYPES = frozenset({0x0C, 0x12, 0x13, 0x14, 0x16, 0x1A})
_UNIVERSAL_STRING = 0x1C
_BMP_STRING = 0x1E

Attribute = tuple[bytes, Element]  # contents of the type's object identifier, the value


@dataclass(frozen=True, slots=True)
class DistinguishedName:
    """A Name: as a string after RFC 4514, and the first commonName and organizationName in it.

    ``text`` is None only for a name that could not be read.
    """

    text: str | None
    common_name: str | None
    organization: str | None


def parse_name(name: bytes) -> DistinguishedName:
    """Reads the DER of a Name; MalformedEntry when it is damaged.

    Empty RDNs, for which strict parsers refuse a name, are left out.
    """
    rdns = list(_rdns(name))
    texts = ["+".join(f"{_keyword(oid)}={_escaped(value)}" for oid, value in rdn) for rdn in reversed(rdns)]
    return DistinguishedName(",".join(filter(None, texts)), _value(rdns, COMMON_NAME), _value(rdns, ORGANIZATION))


# Name ::= CHOICE { rdnSequence  RDNSequence }                    (RFC 5280, section 4.1.2.4)
# RDNSequence ::= SEQUENCE OF RelativeDistinguishedName
# RelativeDistinguishedName ::= SET SIZE (1..MAX) OF AttributeTypeAndValue
# AttributeTypeAndValue ::= SEQUENCE { type OBJECT IDENTIFIER, value ANY }
def _rdns(name: bytes) -> Iterator[list[Attribute]]:
    for rdn in elements(first(name, SEQUENCE, "Name")):
        if rdn.tag != SET:
            raise MalformedEntry("a RelativeDistinguishedName is no SET")
        yield [_attribute(element) for element in elements(rdn.contents)]


def _attribute(element: Element) -> Attribute:
    parts = list(islice(elements(element.contents), 2))
    if len(parts) < 2 or parts[0].tag != OBJECT_IDENTIFIER:
        raise MalformedEntry("an AttributeTypeAndValue without type or value")
    return parts[0].contents, parts[1]


def _value(rdns: list[list[Attribute]], wanted: bytes) -> str | None:
    return next((decode(value) for rdn in rdns for oid, value in rdn if oid == wanted), None)


def _keyword(oid: bytes) -> str:
    return ATTRIBUTE_KEYWORDS.get(oid) or dotted(oid)


def decode(value: Element) -> str:
    """The text of a string type; ``#`` and hexadecimal digits for any other type (RFC 4514, section 2.4)."""
    text = _string(value)
    return _hexadecimal(value) if text is None else text


def _string(value: Element) -> str | None:
    if value.tag in OCTET_STRING_TYPES:
        return octets_to_text(value.contents)
    if value.tag == _BMP_STRING:
        return value.contents.decode("utf-16-be", errors="replace")
    if value.tag == _UNIVERSAL_STRING:
        return value.contents.decode("utf-32-be", errors="replace")
    return None


def _hexadecimal(value: Element) -> str:
    # `cryptography` gives the contents of a BIT STRING alone; the readers must agree.
    return "#" + (value.contents if value.tag == BIT_STRING else value.whole).hex()


def octets_to_text(octets: bytes) -> str:
    """UTF-8, of which ASCII is a part; what is none is read as Latin-1, which never fails."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


_ESCAPES = str.maketrans({sign: "\\" + sign for sign in '\\"+,;<>'} | {"\0": "\\00"})


def _escaped(value: Element) -> str:
    """``value`` as it stands in a distinguished name (RFC 4514, section 2.4)."""
    text = _string(value)
    if text is None:
        return _hexadecimal(value)
    escaped = text.translate(_ESCAPES)
    if text[:1] == "#" or (text[:1] == " " and len(text) > 1):
        escaped = "\\" + escaped
    return escaped[:-1] + "\\ " if text[-1:] == " " else escaped


@dataclass(frozen=True, slots=True)
class FoundNames:
    """Raw names in the order they stand in; ``faults`` says which part is damaged and so may hold more."""

    common_names: tuple[str, ...]
    san_names: tuple[str, ...]
    faults: tuple[str, ...]


def find_names(tbs: TbsCertificate) -> FoundNames:
    """All commonNames of the subject and all dNSNames of every subjectAltName. Never raises.

    Of a damaged part the names before the damage are given.
    """
    faults: list[str] = []
    common_names = tuple(_until_damage("common_name", _common_names(tbs), faults))
    san_names = tuple(_until_damage("san_names", _san_names(tbs), faults))
    return FoundNames(common_names, san_names, tuple(faults))


def _until_damage(field: str, names: Iterator[str], faults: list[str]) -> Iterator[str]:
    try:
        yield from names
    except MalformedEntry as damage:
        faults.append(f"{field}: {damage}")


def _common_names(tbs: TbsCertificate) -> Iterator[str]:
    for rdn in _rdns(tbs.subject):
        for oid, value in rdn:
            if oid == COMMON_NAME:
                yield decode(value)


# SubjectAltName ::= GeneralNames
# GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName
# GeneralName ::= CHOICE { ..., dNSName [2] IA5String, ... }      (RFC 5280, section 4.2.1.6)
def _san_names(tbs: TbsCertificate) -> Iterator[str]:
    for extension in tbs.extensions():
        if extension.extn_id == SUBJECT_ALT_NAME:
            for general_name in elements(first(extension.value, SEQUENCE, "GeneralNames")):
                if general_name.tag == DNS_NAME:
                    yield octets_to_text(general_name.contents)


def dns_names(der: bytes, is_tbs: bool) -> tuple[str, ...]:
    """CommonNames of the subject, then dNSNames of the subjectAltName, raw, in the order they stand in.

    ``der``: a Certificate, or a TBSCertificate when ``is_tbs``; MalformedEntry when it is neither. Of a
    damaged subject or extension the names before the damage are given. Time linear in the size.
    """
    found = find_names(parse_tbs(der if is_tbs else tbs_of_certificate(der)))
    return found.common_names + found.san_names


def entry_jp_names(leaf: MerkleTreeLeaf) -> tuple[str, ...]:
    """The names under .jp of an entry: normalised, sorted, each once; empty when the entry is not .jp.

    This alone decides whether an entry is kept. MalformedEntry when the entry cannot be read, or when
    damage may hide a .jp name and none stands outside of it.
    """
    found = find_names(parse_tbs(tbs_of_entry(leaf)))
    raw_names = filter(is_jp, found.common_names + found.san_names)
    names = tuple(sorted({normal for name in raw_names if (normal := normalise(name))}))
    if found.faults and not names:
        raise MalformedEntry("; ".join(found.faults))
    return names
