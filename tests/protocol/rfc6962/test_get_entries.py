"""Answers to get-entries: the quick reader of the usual form never says anything else than a JSON decoder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctcollect.errors import MalformedEntry
from ctcollect.protocol.rfc6962 import GetEntries, parse_get_entries, read_compact
from tests.protocol.mutations import broken

COMPACT = (
    b'{"entries":[{"leaf_input":"AAEC","extra_data":"AQ=="},{"leaf_input":"","extra_data":"++//"}]}',
    b'{"entries":[{"extra_data":"AQI=","leaf_input":"//8="},{"extra_data":"","leaf_input":"AAAA"}]}\r\n',
    b'{"entries":[{"leaf_input":"AAEC","extra_data":"AAAA"}]}',
)


def read(answer: GetEntries) -> list[tuple[bytes, bytes]]:
    return [(leaf_input, answer.extra_data(at)) for at, leaf_input in enumerate(answer.leaf_inputs)]


def read_as_json(body: bytes) -> list[tuple[bytes, bytes]] | None:
    """What a JSON decoder makes of it; None when it is no JSON or holds no entries."""
    try:
        return read(parse_get_entries(orjson.loads(body)))
    except (ValueError, MalformedEntry):
        return None


def agrees(body: bytes) -> bool:
    quick = read_compact(body)
    return quick is None or read(quick) == read_as_json(body)


def changed_in_one_place(body: bytes) -> Iterator[bytes]:
    """Each octet replaced by each other one, left out, and each put before it; whatever stands at the end cut off."""
    for at in range(len(body) + 1):
        yield body[:at]
        yield body[:at] + body[at + 1 :]
        for octet in range(256):
            yield body[:at] + bytes([octet]) + body[at + 1 :]
            yield body[:at] + bytes([octet]) + body[at:]


@pytest.mark.parametrize("body", COMPACT)
def test_the_usual_form_is_read_quickly(body: bytes) -> None:
    """Either order of the members, and white space behind; entries and extra_data are those that JSON has there."""
    quick = read_compact(body)
    assert quick is not None
    assert read(quick) == read_as_json(body)


@pytest.mark.parametrize("body", COMPACT)
def test_a_change_anywhere_deceives_nobody(body: bytes) -> None:
    """One octet other, more or less, anywhere: read as JSON reads it, or left to JSON; nothing that JSON refuses."""
    assert all(map(agrees, changed_in_one_place(body)))


SEPARATORS = (b"{", b"}", b"[", b"]", b",", b'"', b'","', b'"},{', b'"}]}', b'{"entries":[', b"\\", b" ", b"\n", b"\t")
VALUES = (
    b'"leaf_input":"',
    b'"extra_data":"',
    b'"x":"',
    b"AAAA",
    b"AQ==",
    b"A\\u0041==",
    b"\xc3\xa9",
    b"\xff",
    b"null",
)
pieces = st.sampled_from(SEPARATORS + VALUES)
members = st.lists(
    st.tuples(st.sampled_from(["leaf_input", "extra_data", "x"]), st.sampled_from(["AAAA", "", "AQ==", "é", "A", 5]))
)
documents = st.builds(
    lambda entries, more: orjson.dumps({"entries": [dict(each) for each in entries]} | more),
    st.lists(members.map(dict)),
    st.dictionaries(st.sampled_from(["entries", "more"]), st.none(), max_size=1),
)


@example(b'"}]}')
@given(st.lists(pieces, max_size=16).map(b"".join) | broken(st.sampled_from(COMPACT) | documents))
def test_no_text_deceives(body: bytes) -> None:
    """Pieces of answers in any order, and JSON of any shape."""
    assert agrees(body)


@pytest.mark.parametrize("document", [None, [], {}, {"entries": None}, {"entries": [{}]}, {"entries": ["leaf_input"]}])
def test_what_holds_no_entries_is_malformed(document: Any) -> None:
    """Of whatever type; the reason is one line."""
    with pytest.raises(MalformedEntry, match=r"^get-entries: not entries: .{1,100}$"):
        parse_get_entries(document)


def test_extra_data_that_is_no_base64_is_none() -> None:
    """Absent, of another type or text: the leaf counts all the same, for the tree does not cover extra_data."""
    document = {"entries": [{"leaf_input": "AAAA", **more} for more in ({}, {"extra_data": 5}, {"extra_data": "é"})]}
    assert read(parse_get_entries(document)) == [(b"\0\0\0", b"")] * 3


def test_an_answer_of_a_log_is_of_the_usual_form(shared_data: Path) -> None:
    """As it came from a log that ran CTFE's forerunner."""
    body = (shared_data / "responses/ctgo/get-entries.four-entries.pilot-0-3.json").read_bytes()
    quick = read_compact(body)
    assert quick is not None
    assert read(quick) == read_as_json(body)
    assert len(quick.leaf_inputs) == 4
