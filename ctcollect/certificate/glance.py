"""A glance at an entry: is it plainly an ordinary certificate, and plainly without a .jp name?

Near misses (``x.jp.com``, a ``.jp`` in the address of a revocation list) are frequent, and to take each of them apart
would cost a worker more than all that it does with the other entries. Here the DER is walked by offsets, and nothing is
copied. Whatever has not the shape that nearly every certificate has is left to the full reader (names.py).
"""

from ctcollect.certificate.names import COMMON_NAME, DNS_NAME, OCTET_STRING_TYPES
from ctcollect.certificate.tbs import EXTENSIONS, SUBJECT_ALT_NAME, VERSION
from ctcollect.certificate.tlv import (
    BOOLEAN,
    HIGH_TAG_NUMBER,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    encode,
)
from ctcollect.protocol.rfc6962 import certificate_span, is_precert, is_well_formed

VERSION_3 = encode(VERSION, encode(INTEGER, b"\2"))
# serialNumber, signature, issuer, validity; then subject and subjectPublicKeyInfo (RFC 5280, section 4.1).
BEFORE_SUBJECT = (INTEGER, SEQUENCE, SEQUENCE, SEQUENCE)


class _Unusual(Exception):
    """Not to be judged at a glance."""


def is_plainly_not_jp(leaf_input: bytes) -> bool:
    """True only where ``entry_jp_names(parse_leaf(leaf_input))`` is empty; False means "read it", and no more.

    Some eight microseconds for an ordinary certificate. Never raises.
    """
    if not is_well_formed(leaf_input):
        return False
    try:
        return _is_without_jp(leaf_input)
    except (_Unusual, IndexError):
        return False


def _is_without_jp(leaf: bytes) -> bool:
    at, stop = certificate_span(leaf)
    if not is_precert(leaf):
        at, stop = _contents(leaf, at, SEQUENCE, stop)  # of a Certificate the TBSCertificate comes first
    at, stop = _contents(leaf, at, SEQUENCE, stop)
    if not leaf.startswith(VERSION_3, at):
        raise _Unusual
    at += len(VERSION_3)
    for tag in BEFORE_SUBJECT:
        _, at = _contents(leaf, at, tag, stop)
    subject = _contents(leaf, at, SEQUENCE, stop)
    _, at = _contents(leaf, subject[1], SEQUENCE, stop)
    at = _only(leaf, at, EXTENSIONS, stop)
    at = _only(leaf, at, SEQUENCE, stop)
    return _is_subject_without_jp(leaf, *subject) and _are_extensions_without_jp(leaf, at, stop)


def _contents(der: bytes, at: int, tag: int, stop: int) -> tuple[int, int]:
    """Where the contents of the element at ``at`` begin and end: it must have this tag, and end by ``stop``."""
    if der[at] != tag:
        raise _Unusual
    start, length = at + 2, der[at + 1]
    if length >= 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[at + 2 : start], "big")
        if start == at + 2:
            raise _Unusual  # the indefinite form
    if start + length > stop:
        raise _Unusual
    return start, start + length


def _only(der: bytes, at: int, tag: int, stop: int) -> int:
    """Where the contents of the element at ``at`` begin, which must end at ``stop``."""
    start, end = _contents(der, at, tag, stop)
    if end != stop:
        raise _Unusual
    return start


def _is_subject_without_jp(der: bytes, at: int, stop: int) -> bool:
    """Of RelativeDistinguishedNames of one attribute each, whose value is a string of octets."""
    while at < stop:
        start, at = _contents(der, at, SET, stop)
        start = _only(der, start, SEQUENCE, at)
        start, value = _contents(der, start, OBJECT_IDENTIFIER, at)
        if der[value] not in OCTET_STRING_TYPES:
            raise _Unusual
        _only(der, value, der[value], at)
        if der[start:value] == COMMON_NAME and _may_end_in_jp(der, at):
            return False
    return True


def _are_extensions_without_jp(der: bytes, at: int, stop: int) -> bool:
    while at < stop:
        start, at = _contents(der, at, SEQUENCE, stop)
        start, value = _contents(der, start, OBJECT_IDENTIFIER, at)
        is_names = der[start:value] == SUBJECT_ALT_NAME
        if der[value] == BOOLEAN:
            _, value = _contents(der, value, BOOLEAN, at)
        value = _only(der, value, OCTET_STRING, at)
        if is_names and not _are_names_without_jp(der, value, at):
            return False
    return True


def _are_names_without_jp(der: bytes, at: int, stop: int) -> bool:
    at = _only(der, at, SEQUENCE, stop)
    while at < stop:
        tag = der[at]
        if tag & HIGH_TAG_NUMBER == HIGH_TAG_NUMBER:
            raise _Unusual
        _, at = _contents(der, at, tag, stop)
        if tag == DNS_NAME and _may_end_in_jp(der, at):
            return False
    return True


def _may_end_in_jp(der: bytes, end: int) -> bool:
    """Whether is_jp may hold of the name that ends at ``end``: it looks at three characters, this at three octets."""
    return b"jp" in der[end - 3 : end].lower() or der[end - 1] >= 0x80
