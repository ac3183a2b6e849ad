"""Reading and writing the TLS presentation language, and base64."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.errors import MalformedEntry
from ctcollect.protocol.codec import Reader, decode_base64, opaque8, opaque16, opaque24


def test_numbers_are_big_endian_and_taken_in_order() -> None:
    """Numbers of 1, 2, 3 and 8 bytes are read one after the other, to the last byte."""
    reader = Reader(bytes(range(1, 15)))
    assert (reader.u8(), reader.u16(), reader.u24(), reader.u64()) == (
        0x01,
        0x0203,
        0x040506,
        0x0708090A0B0C0D0E,
    )
    assert reader.remaining == 0
    reader.end()


@given(st.binary(max_size=255), st.binary(max_size=300), st.binary(max_size=300), st.binary(max_size=9))
def test_vectors_come_back(a: bytes, b: bytes, c: bytes, rest: bytes) -> None:
    """What is written with a length of 1, 2 or 3 bytes is read again, and what follows is left alone."""
    reader = Reader(opaque8(a) + opaque16(b) + opaque24(c) + rest)
    assert (reader.opaque8(), reader.opaque16(), reader.opaque24()) == (a, b, c)
    assert reader.take(reader.remaining) == rest


def test_vectors_have_a_greatest_length() -> None:
    """A vector takes what its length can count and no byte more."""
    assert len(opaque8(bytes(2**8 - 1))) == 2**8
    assert len(opaque16(bytes(2**16 - 1))) == 2**16 + 1
    assert len(opaque24(bytes(2**24 - 1))) == 2**24 + 2
    for encode, length in [(opaque8, 2**8), (opaque16, 2**16), (opaque24, 2**24)]:
        with pytest.raises(OverflowError):
            encode(bytes(length))


def test_errors_name_the_thing_and_the_place() -> None:
    """Too few bytes and bytes left over are MalformedEntry in one line that says what, where and how many."""
    reader = Reader(b"\x00\x05abc", "leaf_input")
    with pytest.raises(MalformedEntry, match=r"^leaf_input: 5 bytes wanted at offset 2, 3 left$"):
        reader.opaque16()
    with pytest.raises(MalformedEntry, match=r"^leaf_input: 3 bytes left over after offset 2$"):
        reader.end()


@given(st.binary(max_size=100))
def test_base64_comes_back(data: bytes) -> None:
    """Any bytes are decoded again, from text and from bytes."""
    encoded = base64.b64encode(data)
    assert decode_base64(encoded) == decode_base64(encoded.decode()) == data


@pytest.mark.parametrize("text", ["AAA", "A===", "AAAA\n", "AA A", "A-_A", "AA==AA==", "é", "\ud800", b"\xff"])
def test_what_is_not_base64_is_malformed(text: str | bytes) -> None:
    """Missing padding, line breaks, other alphabets and other characters are refused in one line."""
    with pytest.raises(MalformedEntry, match=r"^root: not base64$"):
        decode_base64(text, "root")
