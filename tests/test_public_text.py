"""Sentences that come from elsewhere: in one line, and without what is nobody's business."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.public_text import LINE_CHARACTERS, public_line


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("ct.example does not answer: timed out", "ct.example does not answer: timed out"),
        ("Access denied for 203.0.113.7.", "Access denied for (an address)."),
        ("from 2001:db8::1f to [2001:db8:0:1::2]:443", "from (an address) to [(an address)]:443"),
        ("proxy http://alice:secret@proxy.example:3128 refused", "proxy http://proxy.example:3128 refused"),
        ("/home/alice/logs/argon.zip can't be read", "(a path) can't be read"),
        ("no such file: 'C:\\Users\\alice\\a.zip'", "no such file: '(a path)'"),
        ("http://127.0.0.1:8080/ct/v1/get-sth answered 502", "http://127.0.0.1:8080/ct/v1/get-sth answered 502"),
        (
            "https://ct.example/ct/v1/get-entries: 4 entries for 32",
            "https://ct.example/ct/v1/get-entries: 4 entries for 32",
        ),
        ("at 12:30:45, 1.2.3 of 10.0", "at 12:30:45, 1.2.3 of 10.0"),
        ("two\nlines\u202eevil\x00 and \ud800", "two lines evil and"),
    ],
)
def test_a_sentence_is_fit_for_everybody(told: str, shown: str) -> None:
    """Addresses, passwords and folders go; names of logs, times and versions stay."""
    assert public_line(told) == shown


@given(st.text())
def test_any_text_becomes_a_line_that_fits(text: str) -> None:
    """Printable, bounded, and itself when it is done again."""
    line = public_line(text)
    assert len(line) <= LINE_CHARACTERS
    assert line.encode() is not None
    assert "\n" not in line
