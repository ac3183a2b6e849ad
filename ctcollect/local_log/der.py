"""DER by concatenation (X.690 chapters 8 and 10): each function gives the bytes of one whole TLV.

The local log writes tens of thousands of certificates, some of them wrong on purpose, so it needs an encoder
that is fast and that refuses nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import cache

BOOLEAN = 0x01
INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
OBJECT_IDENTIFIER = 0x06
UTF8_STRING = 0x0C
NUMERIC_STRING = 0x12
PRINTABLE_STRING = 0x13
T61_STRING = 0x14
IA5_STRING = 0x16
UTC_TIME = 0x17
GENERALIZED_TIME = 0x18
VISIBLE_STRING = 0x1A
UNIVERSAL_STRING = 0x1C
BMP_STRING = 0x1E
SEQUENCE = 0x30
SET = 0x31

CONTEXT_PRIMITIVE = 0x80
CONTEXT_CONSTRUCTED = 0xA0

TRUE = b"\x01\x01\xff"


def tlv(tag: int, content: bytes) -> bytes:
    """One element: a one-byte tag, the shortest definite length, the content (8.1, 10.1)."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    if size < 0x100:
        return bytes((tag, 0x81, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    """SET OF in the order given; the caller sorts where DER asks for it."""
    return tlv(SET, b"".join(parts))


def explicit(number: int, content: bytes) -> bytes:
    """``[number] EXPLICIT`` around a whole TLV."""
    return tlv(CONTEXT_CONSTRUCTED | number, content)


def implicit(number: int, content: bytes) -> bytes:
    """``[number] IMPLICIT`` primitive: the tag in place of the type's own."""
    return tlv(CONTEXT_PRIMITIVE | number, content)


def integer(value: int) -> bytes:
    """Two's complement in the fewest bytes, negative numbers included (8.3)."""
    magnitude = value if value >= 0 else ~value
    return tlv(INTEGER, value.to_bytes(magnitude.bit_length() // 8 + 1, "big", signed=True))


@cache
def oid(dotted: str) -> bytes:
    """An object identifier from its dotted form (8.19)."""
    first, second, *rest = map(int, dotted.split("."))
    return tlv(OBJECT_IDENTIFIER, b"".join(map(_base128, [first * 40 + second, *rest])))


def _base128(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(0x80 | value & 0x7F)
    return bytes(reversed(groups))


def octet_string(content: bytes) -> bytes:
    return tlv(OCTET_STRING, content)


def bit_string(content: bytes) -> bytes:
    """A BIT STRING of whole bytes: no unused bits."""
    return tlv(BIT_STRING, b"\x00" + content)


def named_bits(bits: Iterable[int]) -> bytes:
    """A named BIT STRING such as KeyUsage, trailing zero bits cut off (11.2.2); bit 0 is the first."""
    positions = set(bits)
    width = max(positions) + 1
    value = sum(1 << (width - 1 - position) for position in positions)
    unused = -width % 8
    return tlv(BIT_STRING, bytes((unused,)) + (value << unused).to_bytes((width + unused) // 8, "big"))


def utf8(text: str) -> bytes:
    return tlv(UTF8_STRING, text.encode())


def printable(text: str) -> bytes:
    return tlv(PRINTABLE_STRING, text.encode("ascii"))


def bmp(text: str) -> bytes:
    return tlv(BMP_STRING, text.encode("utf-16-be"))


def time(moment: datetime) -> bytes:
    """The ``Time`` of RFC 5280 4.1.2.5: UTCTime up to 2049, GeneralizedTime after it; ``moment`` in UTC."""
    if moment.year < 2050:
        return tlv(UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").encode())
