"""What a worker says of its zip files: short, and read whatever stands in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctcollect.holdings import HOLDINGS_CHARACTERS, held_entries, holdings_of, parse_holdings, write_holdings
from ctcollect.protocol.static_ct import PART_ENTRIES

LOG_ID = bytes(range(32))


@given(st.dictionaries(st.binary(min_size=32, max_size=32), st.sets(st.integers(0, 999_999), max_size=9), max_size=4))
def test_what_is_written_is_read(numbers: dict[bytes, set[int]]) -> None:
    """Which entries a worker has survives the way; a log of which it has nothing is not named."""
    read = parse_holdings(write_holdings(holdings_of(numbers)))
    assert len(read) == sum(map(bool, numbers.values()))
    for log_id, each in numbers.items():
        held = held_entries(read, log_id.hex())
        assert {span.start // PART_ENTRIES + at for span in held for at in range(len(span) // PART_ENTRIES)} == each


def test_it_is_short() -> None:
    """Neighbours stand as from-to; logs that would make the text too long are left out."""
    assert write_holdings(holdings_of({LOG_ID: [14, *range(13)]})) == "0001020304050607:0-12,14"
    many = holdings_of({bytes([number]) * 32: range(0, 200, 2) for number in range(20)})
    text = write_holdings(many)
    assert 1500 < len(text) <= HOLDINGS_CHARACTERS
    assert parse_holdings(text).items() <= many.items()


@pytest.mark.parametrize("text", [None, 7, [], "", ":", "00:1", "g" * 16 + ":1", "0" * 16 + ":x", "0" * 16 + ":1,"])
def test_nonsense(text: object) -> None:
    """A friend may send anything: what can't be read counts as nothing, the rest stands."""
    assert parse_holdings(text) == {}
    assert parse_holdings(f"{text} {'0' * 16}:9-3") == {"0" * 16: [(9, 10)]}


@given(st.text())
def test_any_text(text: str) -> None:
    """Whatever comes in is clean when it is written again."""
    clean = write_holdings(parse_holdings(text))
    assert write_holdings(parse_holdings(clean)) == clean
