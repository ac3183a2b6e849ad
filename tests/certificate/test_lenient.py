"""The reader that knows tags and lengths alone, where no library can be asked for comparison."""

from datetime import datetime

import pytest
from cryptography import x509

from ctcollect.certificate.lenient import GENERALIZED_TIME, UTC_TIME, LenientReader, parse_time
from ctcollect.certificate.names import parse_name
from ctcollect.certificate.sct import parse_sct_list
from ctcollect.certificate.tbs import parse_tbs
from ctcollect.errors import MalformedEntry
from tests.certificate.der import SCT_LIST, attribute, extension, name, oid, tbs, tlv

UNIQUE_IDENTIFIER = "55042d"
AUTHORITY_KEY_IDENTIFIER = "551d23"
BIT_STRING, BOOLEAN = 0x03, 0x01


@pytest.mark.parametrize(
    ("tag", "text", "time"),
    [
        (UTC_TIME, b"491231235959Z", datetime(2049, 12, 31, 23, 59, 59)),
        (UTC_TIME, b"500101000000Z", datetime(1950, 1, 1)),
        (UTC_TIME, b"2501010000Z", datetime(2025, 1, 1)),
        (UTC_TIME, b"250101090000+0900", datetime(2025, 1, 1)),
        (UTC_TIME, b"241231190000-0500", datetime(2025, 1, 1)),
        (GENERALIZED_TIME, b"20500101000000", datetime(2050, 1, 1)),
        (GENERALIZED_TIME, b"99991231235959Z", datetime(9999, 12, 31, 23, 59, 59)),
    ],
)
def test_times(tag: int, text: bytes, time: datetime) -> None:
    """Two digits of a year lie in 1950 to 2049; seconds and zone may be missing; the result is UTC."""
    assert parse_time(tag, text) == time


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        *((UTC_TIME, text) for text in (b"", b"250230000000Z", b"250101000060Z", b"20250101000000Z", b"now")),
        *((GENERALIZED_TIME, text) for text in (b"250101000000Z", b"00000101000000Z", b"00010101000000+0900")),
        (0x0C, b"250101000000Z"),
    ],
)
def test_no_times(tag: int, text: bytes) -> None:
    """Days that do not exist, years beyond the calendar, another form, another type."""
    with pytest.raises(MalformedEntry, match="time"):
        parse_time(tag, text)


def test_values_of_other_types_stand_in_hexadecimal() -> None:
    """A BIT STRING by its contents, as `cryptography` gives it; any other value with tag and length."""
    bits = name(attribute(UNIQUE_IDENTIFIER, b"\0\xca\xfe", BIT_STRING))
    assert parse_name(bits).text == "2.5.4.45=#00cafe" == x509.Name.from_bytes(bits).rfc4514_string()
    assert parse_name(name(attribute(UNIQUE_IDENTIFIER, b"\xff", BOOLEAN))).text == "2.5.4.45=#0101ff"


def test_an_rdn_of_several_attributes() -> None:
    """They are joined by a plus sign, in their order; the RDNs stand last first."""
    pair = tlv(0x31, *(tlv(0x30, oid(kind), tlv(0x0C, value)) for kind, value in (("550403", b"a"), ("55040b", b"b"))))
    assert parse_name(name(attribute("550406", b"JP"), pair)).text == "CN=a+OU=b,C=JP"


def test_an_authority_key_identifier_without_a_key_identifier() -> None:
    """Issuer and serial number may stand there instead."""
    value = tlv(0x30, tlv(0xA1, tlv(0xA4, name())), tlv(0x82, b"\1"))
    reader = LenientReader(parse_tbs(tbs(name(), [extension(AUTHORITY_KEY_IDENTIFIER, value)])))
    assert reader.authority_key_id() is None


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (b"\0", "bytes wanted"),
        (b"\0\x09short", "bytes wanted"),
        (b"\0\3\0\1\1", "sct_version 1"),
        (b"\0\2\0\0", "bytes wanted"),
        (b"\0\0\xff", "left over"),
    ],
)
def test_a_damaged_sct_list(damage: bytes, reason: str) -> None:
    """Cut off, an SCT of another version or without content, octets after the list."""
    with pytest.raises(MalformedEntry, match=reason):
        parse_sct_list(parse_tbs(tbs(name(), [extension(SCT_LIST, tlv(0x04, damage))])))
