"""The answer to get-entries (RFC 6962 section 4.6): nearly all that is ever read from a log."""

from collections.abc import Sequence
from typing import Any

from pybase64 import b64decode

from ctcollect.errors import MalformedEntry

# {"entries":[{"leaf_input":"<base64>","extra_data":"<base64>"},{...}]} without white space, an entry's two members in
# either order: so Go's encoding/json writes it, and with it every log that runs CTFE.
HEAD = b'{"entries":[{'
LEAF_INPUT, EXTRA_DATA = b'"leaf_input":"', b'"extra_data":"'
TAIL = b'"}]}'
JSON_SPACE = b" \t\n\r"


class GetEntries:
    """The entries of one answer: every leaf_input decoded, an extra_data only when it is asked for."""

    def __init__(self, leaf_inputs: list[bytes], extra_data: Sequence[Any]) -> None:
        """``extra_data``: as the answer has each, base64 or whatever else it is."""
        self.leaf_inputs = leaf_inputs
        self._extra_data = extra_data

    def extra_data(self, position: int) -> bytes:
        """The extra_data of the entry at ``position`` of this answer; b"" when it is not base64."""
        try:
            return _decode(self._extra_data[position])
        except (TypeError, ValueError):
            return b""


def _decode(base64: Any) -> bytes:
    return b64decode(base64, None, True)  # altchars, validate: the strict way is also the fast one


def parse_get_entries(document: Any) -> GetEntries:
    """The entries of a JSON document; MalformedEntry unless each has a leaf_input in base64."""
    try:
        leaf_inputs = [_decode(entry.pop("leaf_input")) for entry in document["entries"]]
        return GetEntries(leaf_inputs, [entry.get("extra_data") for entry in document["entries"]])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise MalformedEntry(f"get-entries: not entries: {error!r:.100}") from None


def read_compact(body: bytes | bytearray) -> GetEntries | None:
    """What parse_get_entries() makes of the JSON in ``body`` if that has the usual form, in which there is nothing but
    base64 and what stands between; None if it has any other form, or is no JSON.

    ``body`` is kept, and must not change any more.
    """
    try:
        if body.startswith(HEAD + LEAF_INPUT):
            leaf_inputs, extra_data = _values(body, LEAF_INPUT, EXTRA_DATA)
        else:
            extra_data, leaf_inputs = _values(body, EXTRA_DATA, LEAF_INPUT)
        for base64 in extra_data:
            b64decode(base64, None, True)  # only this tells that a JSON decoder would take it as it stands
        return GetEntries([b64decode(base64, None, True) for base64 in leaf_inputs], extra_data)
    except ValueError:
        return None


def _values(body: bytes | bytearray, first: bytes, second: bytes) -> tuple[list[memoryview], list[memoryview]]:
    """What stands in quotes after ``first`` and after ``second``, by entry; ValueError for any other form."""
    view, find, follows = memoryview(body), body.find, body.startswith
    middle, following = b'",' + second, b'"},{' + first
    first_values, second_values = [], []
    end, before = 0, HEAD + first
    if not follows(before):
        raise ValueError("another form")
    while follows(before, end):
        start = end + len(before)
        end = find(b'"', start)
        if not follows(middle, end):
            raise ValueError("another form")
        first_values.append(view[start:end])
        start = end + len(middle)
        end = find(b'"', start)
        second_values.append(view[start:end])
        before = following
    if body[end:].rstrip(JSON_SPACE) != TAIL:
        raise ValueError("another form")
    return first_values, second_values
