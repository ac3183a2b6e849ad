"""ranges.py: spans, sub-ranges and bitmaps against plain sets of entries."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ctcollect.ranges import (
    RANGE_ENTRIES,
    UNIT_ENTRIES,
    Span,
    UnitBitmap,
    join_spans,
    split_ranges,
    split_subranges,
    subtract_spans,
)

units = st.integers(0, 4095)


@given(st.integers(0, 10 * RANGE_ENTRIES), st.integers(1, 10 * RANGE_ENTRIES), st.integers(0, 1000))
def test_ranges_cover_the_window_and_stay_inside_the_tree(start: int, length: int, more: int) -> None:
    """A window is covered by contiguous aligned ranges, at most one range too much at each end."""
    window = Span(start, start + length)
    tree_size = window.end + more
    ranges = list(split_ranges(window, tree_size))
    assert ranges[0].start <= window.start < ranges[0].end
    assert ranges[-1].start < window.end <= ranges[-1].end <= tree_size
    assert all(span.start % RANGE_ENTRIES == 0 for span in ranges)
    assert all(left.end == right.start for left, right in pairwise(ranges))


@given(units, st.integers(1, 4096), st.integers(0, 31), st.sampled_from([32, 1024, 4096, 32768]))
def test_subranges_are_aligned_to_their_own_size(unit: int, count: int, short: int, limit: int) -> None:
    """Sub-ranges cover a span exactly; each is a power of two aligned to itself, cut only at a ragged end."""
    start = unit * UNIT_ENTRIES
    span = Span(start, start + count * UNIT_ENTRIES - short)
    pieces = list(split_subranges(span, limit))
    assert join_spans(pieces) == [span]
    assert sum(map(len, pieces)) == len(span)
    for piece in pieces:
        size = 1 << (len(piece) - 1).bit_length()
        assert piece.start % size == 0
        assert len(piece) <= limit
        assert len(piece) == size or (piece.end == span.end and short)


def test_a_ragged_tail_is_one_subrange() -> None:
    """The end of a tree that is no multiple of anything costs one task, not one a power of two."""
    assert list(split_subranges(Span(12288, 12500), 1024)) == [Span(12288, 12500)]


@given(st.sets(units, max_size=60), st.integers(1, 4096), st.integers(0, 31))
def test_a_bitmap_knows_what_is_missing(done: set[int], count: int, short: int) -> None:
    """missing() and done_entries() agree with a plain set of units, through storage and back."""
    span = Span(RANGE_ENTRIES, RANGE_ENTRIES + count * UNIT_ENTRIES - short)
    bitmap = UnitBitmap(span)
    done = {unit for unit in done if unit < count}
    for unit in done:
        start = span.start + unit * UNIT_ENTRIES
        bitmap.add(Span(start, min(start + UNIT_ENTRIES, span.end)))
    again = UnitBitmap(span, bitmap.to_bytes())
    missing = {index for piece in again.missing() for index in range(piece.start, piece.end)}
    expected = {i for i in range(span.start, span.end) if (i - span.start) // UNIT_ENTRIES not in done}
    assert missing == expected
    assert again.done_entries() == len(span) - len(expected)
    assert again.is_full() == (not expected)


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60)), max_size=8))
def test_subtracting_and_joining_spans_are_set_operations(pairs: list[tuple[int, int]]) -> None:
    """subtract_spans and join_spans give what sets of indices give."""
    spans = [Span(start, start + length) for start, length in pairs if length]
    taken = {index for span in spans for index in range(span.start, span.end)}
    left = subtract_spans(Span(50, 150), spans)
    assert {i for s in left for i in range(s.start, s.end)} == set(range(50, 150)) - taken
    joined = join_spans(spans)
    assert {i for s in joined for i in range(s.start, s.end)} == taken
    assert all(a.end < b.start for a, b in pairwise(joined))
