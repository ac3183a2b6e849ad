"""The reader of tags and lengths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.certificate.tlv import SEQUENCE, Element, dotted, elements, encode, first
from ctcollect.errors import MalformedEntry

tags = st.integers(0, 255).filter(lambda tag: tag & 0x1F != 0x1F)


@given(st.lists(st.tuples(tags, st.binary(max_size=300)), max_size=5))
def test_what_was_written_is_read(parts: list[tuple[int, bytes]]) -> None:
    """Elements side by side come back with tag, contents and octets."""
    written = [Element(tag, contents, encode(tag, contents)) for tag, contents in parts]
    assert list(elements(b"".join(element.whole for element in written))) == written


def test_lengths_are_written_short_and_read_long() -> None:
    """DER's shortest length is written; longer forms, as old software made them, are read."""
    assert encode(0x04, bytes(127))[:2] == b"\x04\x7f"
    assert encode(0x04, bytes(128))[:3] == b"\x04\x81\x80"
    assert encode(0x04, bytes(65536))[:5] == b"\x04\x83\x01\0\0"
    assert [element.contents for element in elements(b"\x04\x83\0\0\x02ab\x05\0")] == [b"ab", b""]


@pytest.mark.parametrize(
    "octets",
    [b"\x30", b"\x30\x01", b"\x30\x82\x01", b"\x30\x80ab\0\0", b"\x1f\x20\0", b"\x30\xff" + bytes(9)],
)
def test_damage_is_an_error_after_the_good_elements(octets: bytes) -> None:
    """Cut off, indefinite or of a high tag number: what stood before has been given."""
    reading = elements(b"\x02\x01\x07" + octets)
    assert next(reading).contents == b"\x07"
    with pytest.raises(MalformedEntry):
        next(reading)


def test_the_first_element_must_be_what_is_looked_for() -> None:
    """The error says what is missing."""
    assert first(b"\x30\x01a\x02\0", SEQUENCE, "Name") == b"a"
    for wrong in (b"", b"\x31\0"):
        with pytest.raises(MalformedEntry, match="Name is missing"):
            first(wrong, SEQUENCE, "Name")


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("550403", "2.5.4.3"),
        ("2a864886f70d", "1.2.840.113549"),
        ("883703", "2.999.3"),
        ("00", "0.0"),
        ("4f", "1.39"),
    ],
)
def test_object_identifiers_in_dots(octets: str, text: str) -> None:
    """The first octet holds two arcs; an arc may take several octets."""
    assert dotted(bytes.fromhex(octets)) == text


@pytest.mark.parametrize("octets", [b"", b"\x55\x84", b"\xff" * 64 + b"\x01"])
def test_no_object_identifier(octets: bytes) -> None:
    """Empty, cut off within an arc, or longer than any real one."""
    with pytest.raises(MalformedEntry):
        dotted(octets)
