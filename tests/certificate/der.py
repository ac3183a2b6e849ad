"""Certificates put together octet by octet, so that a test can have the ones that no library would write."""

from collections.abc import Iterable

COMMON_NAME = "550403"
ORGANIZATION = "55040a"
SUBJECT_ALT_NAME = "551d11"
SCT_LIST = "2b06010401d679020402"
POISON = "2b06010401d679020403"

UTF8, PRINTABLE, T61, IA5, UNIVERSAL, BMP = 0x0C, 0x13, 0x14, 0x16, 0x1C, 0x1E
ENCODINGS = {UTF8: "utf-8", T61: "latin-1", UNIVERSAL: "utf-32-be", BMP: "utf-16-be"}


def tlv(tag: int, *contents: bytes) -> bytes:
    """One element of less than 16 MiB, with the shortest length."""
    body = b"".join(contents)
    size = len(body)
    digits = size.to_bytes(3, "big").lstrip(b"\0")
    return bytes([tag]) + (bytes([size]) if size < 128 else bytes([0x80 | len(digits)]) + digits) + body


def oid(contents: str) -> bytes:
    return tlv(0x06, bytes.fromhex(contents))


def attribute(kind: str, value: bytes, tag: int = UTF8) -> bytes:
    """An RDN of one attribute."""
    return tlv(0x31, tlv(0x30, oid(kind), tlv(tag, value)))


def name(*rdns: bytes) -> bytes:
    return tlv(0x30, *rdns)


def extension(kind: str, value: bytes) -> bytes:
    return tlv(0x30, oid(kind), tlv(0x04, value))


def san(*dns_names: bytes) -> bytes:
    """The extension subjectAltName."""
    return extension(SUBJECT_ALT_NAME, tlv(0x30, *(tlv(0x82, each) for each in dns_names)))


RSA_KEY = tlv(
    0x30,
    tlv(0x30, oid("2a864886f70d010101"), tlv(0x05)),
    tlv(0x03, b"\0", tlv(0x30, tlv(0x02, b"\0" + b"\xc5" * 256), tlv(0x02, b"\1\0\1"))),
)
SHA256_WITH_RSA = tlv(0x30, oid("2a864886f70d01010b"), tlv(0x05))


def tbs(
    subject: bytes,
    extensions: Iterable[bytes] = (),
    *,
    serial: bytes = b"\1",
    issuer: bytes = name(attribute(COMMON_NAME, b"CA")),
    not_before: bytes = tlv(0x17, b"250101000000Z"),
    not_after: bytes = tlv(0x17, b"260101000000Z"),
    key: bytes = RSA_KEY,
) -> bytes:
    """A TBSCertificate; whatever is not given is in order."""
    body = tlv(0xA0, tlv(0x02, b"\2")) + tlv(0x02, serial) + SHA256_WITH_RSA + issuer
    body += tlv(0x30, not_before, not_after) + subject + key
    listed = b"".join(extensions)
    return tlv(0x30, body, tlv(0xA3, tlv(0x30, listed)) if listed else b"")


def certificate(tbs_certificate: bytes) -> bytes:
    """A Certificate with a signature of zeros."""
    return tlv(0x30, tbs_certificate, SHA256_WITH_RSA, tlv(0x03, bytes(257)))
