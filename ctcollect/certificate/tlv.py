"""A small reader of BER/DER (X.690, section 8.1) for certificates that strict parsers refuse.

It knows tags and lengths and nothing else; no recursion, no backtracking, time linear in the size. Lengths
that are longer than need be are read; the indefinite form and tag numbers above 30, which no certificate
needs, are not.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ctcollect.errors import MalformedEntry

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
OBJECT_IDENTIFIER = 0x06
SEQUENCE = 0x30
SET = 0x31

# In the identifier octet: the tag number is above 30 and follows in further octets.
HIGH_TAG_NUMBER = 0x1F
MAX_OID_OCTETS = 64  # far above any real one; keeps the decimal form short


class Element(NamedTuple):
    """One TLV: its identifier octet, its contents, and the whole with identifier and length."""

    tag: int
    contents: bytes
    whole: bytes


def elements(data: bytes) -> Iterator[Element]:
    """The elements that stand one after another in ``data``.

    MalformedEntry at the first that is cut off or in a form not read here; those before it have been yielded.
    """
    at, stop = 0, len(data)
    while at < stop:
        tag, start, end = element_at(data, at)
        yield Element(tag, data[start:end], data[at:end])
        at = end


def element_at(data: bytes, at: int) -> tuple[int, int, int]:
    """The identifier octet of the element that begins at ``at``, and where its contents begin and end.

    MalformedEntry when it is cut off or in a form not read here.
    """
    stop = len(data)
    if at + 2 > stop:
        raise MalformedEntry("an ASN.1 element is cut off after its tag")
    tag, length, start = data[at], data[at + 1], at + 2
    if length >= 0x80:
        octets = length & 0x7F
        length = int.from_bytes(data[start : start + octets], "big")
        start += octets
        if not octets:
            raise MalformedEntry("an ASN.1 element has an indefinite length")
    if tag & HIGH_TAG_NUMBER == HIGH_TAG_NUMBER:
        raise MalformedEntry("an ASN.1 element has a tag number above 30")
    end = start + length
    if end > stop:
        raise MalformedEntry("an ASN.1 element is longer than what holds it")
    return tag, start, end


def first(data: bytes, tag: int, name: str) -> bytes:
    """The contents of the first element of ``data``; MalformedEntry, with ``name``, for another tag."""
    if not data:
        raise MalformedEntry(f"{name} is missing")
    found, start, end = element_at(data, 0)
    if found != tag:
        raise MalformedEntry(f"{name} is missing")
    return data[start:end]


def encode(tag: int, contents: bytes) -> bytes:
    """The DER of one element (X.690, section 10.1: the shortest length)."""
    size = len(contents)
    if size < 0x80:
        return bytes((tag, size)) + contents
    octets = (size.bit_length() + 7) // 8
    return bytes((tag, 0x80 | octets)) + size.to_bytes(octets, "big") + contents


def dotted(oid: bytes) -> str:
    """The contents of an OBJECT IDENTIFIER (X.690, section 8.19) as ``2.5.4.3``, else MalformedEntry."""
    if not oid or oid[-1] & 0x80 or len(oid) > MAX_OID_OCTETS:
        raise MalformedEntry(f"no object identifier: {oid[:MAX_OID_OCTETS].hex()}")
    arcs, arc = [], 0
    for octet in oid:
        arc = arc << 7 | octet & 0x7F
        if octet < 0x80:
            arcs.append(arc)
            arc = 0
    root = min(arcs[0] // 40, 2)
    return ".".join(map(str, (root, arcs[0] - 40 * root, *arcs[1:])))
