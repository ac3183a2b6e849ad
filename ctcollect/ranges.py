"""Spans, units, sub-ranges, ranges and bitmaps of units. Pure arithmetic; every span is half-open.

- unit: 32 consecutive entries, aligned to 32; the last one of a tree may be short.
- sub-range: what one task fetches, a power of two of entries, aligned to its own size.
- range: 131,072 = 2^17 entries, aligned, so that a finished range is one node of the log's Merkle tree.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

UNIT_LEVEL = 5
UNIT_ENTRIES = 1 << UNIT_LEVEL
RANGE_LEVEL = 17
RANGE_ENTRIES = 1 << RANGE_LEVEL
UNITS_PER_RANGE = RANGE_ENTRIES // UNIT_ENTRIES
BITMAP_BYTES = UNITS_PER_RANGE // 8


class Span(NamedTuple):
    """Entries [start, end) of one log."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def __str__(self) -> str:
        return f"[{self.start:,}, {self.end:,})"


def unit_count(span: Span) -> int:
    """How many units begin in a span that starts on a unit; a short last unit counts."""
    return -(-len(span) // UNIT_ENTRIES)


def range_at(index: int, tree_size: int) -> Span:
    """The range that holds entry ``index`` of a tree, cut off at the tree's end."""
    start = index - index % RANGE_ENTRIES
    return Span(start, min(start + RANGE_ENTRIES, tree_size))


def split_ranges(window: Span, tree_size: int) -> Iterator[Span]:
    """The ranges that together cover ``window``: it is rounded outward to whole ranges of the tree."""
    for start in range(window.start - window.start % RANGE_ENTRIES, window.end, RANGE_ENTRIES):
        yield range_at(start, tree_size)


def join_spans(spans: Iterable[Span]) -> list[Span]:
    """Sorted spans with those that touch or overlap made into one."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def subtract_spans(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of ``span`` without the spans in ``taken``, in order."""
    left, position = [], span.start
    for other in sorted(taken):
        if other.start > position:
            left.append(Span(position, min(other.start, span.end)))
        position = max(position, other.end)
        if position >= span.end:
            break
    if position < span.end:
        left.append(Span(position, span.end))
    return [piece for piece in left if len(piece) > 0]


def split_subranges(span: Span, subrange_entries: int) -> Iterator[Span]:
    """Sub-ranges that together cover ``span``, each of at most ``subrange_entries``, aligned to its own size.

    ``span`` starts on a unit. It ends on a unit or, ragged, at the end of the tree: then the last sub-range
    is cut off there.
    """
    position = span.start
    while position < span.end:
        size = _subrange_size(Span(position, span.end), subrange_entries)
        yield Span(position, min(position + size, span.end))
        position += size


def _subrange_size(rest: Span, subrange_entries: int) -> int:
    alignment = rest.start & -rest.start or subrange_entries
    size = min(alignment, subrange_entries)
    while size > UNIT_ENTRIES and not _fits(size, rest):
        size //= 2
    return size


def _fits(size: int, rest: Span) -> bool:
    is_ragged = rest.end % UNIT_ENTRIES != 0
    return size <= len(rest) or (is_ragged and size // 2 < len(rest))


class UnitBitmap:
    """Which units of a range are done: bit i stands for the unit that begins at start + 32 * i.

    Stored as 512 bytes, little-endian.
    """

    def __init__(self, span: Span, stored: bytes = b"") -> None:
        self.span = span
        self.bits = int.from_bytes(stored, "little")

    def to_bytes(self) -> bytes:
        return self.bits.to_bytes(BITMAP_BYTES, "little")

    def _mask(self, span: Span) -> int:
        first = (span.start - self.span.start) // UNIT_ENTRIES
        return ((1 << unit_count(span)) - 1) << first

    def add(self, span: Span) -> None:
        """Mark the units of ``span``, which starts on a unit of this range, as done."""
        self.bits |= self._mask(span)

    def remove(self, span: Span) -> None:
        """The units of ``span``, which starts on a unit of this range, are not done any more."""
        self.bits &= ~self._mask(span)

    def drop_short_unit(self) -> None:
        """The last unit is not done any more if it is short: the tree has grown behind it."""
        short = len(self.span) % UNIT_ENTRIES
        if short:
            self.bits &= ~self._mask(Span(self.span.end - short, self.span.end))

    def missing(self, span: Span | None = None) -> list[Span]:
        """The spans of units that are not done, in order, inside ``span`` (default: the whole range)."""
        span = span or self.span
        return [Span(start, min(end, self.span.end)) for start, end in self._runs(self._mask(span) & ~self.bits)]

    def _runs(self, bits: int) -> Iterator[tuple[int, int]]:
        position = self.span.start
        while bits:
            skip = (bits & -bits).bit_length() - 1
            bits >>= skip
            length = (~bits & -~bits).bit_length() - 1
            bits >>= length
            start = position + skip * UNIT_ENTRIES
            position = start + length * UNIT_ENTRIES
            yield start, position

    def is_full(self) -> bool:
        return self.bits == self._mask(self.span)

    def done_entries(self) -> int:
        """How many entries the done units hold."""
        return len(self.span) - sum(len(span) for span in self.missing())
