"""Where in one log a period lies: a search on its entries' timestamps, each answer kept."""

import logging
from collections.abc import Callable
from operator import attrgetter
from typing import Self

from ctcollect.client import LogReader
from ctcollect.coordinator.context import Context
from ctcollect.coordinator.final_heads import collectable_size
from ctcollect.errors import BadAnswer, MalformedEntry, Throttled
from ctcollect.models import LogRow
from ctcollect.protocol.rfc6962 import parse_timestamp
from ctcollect.ranges import RANGE_ENTRIES, UNIT_ENTRIES, Span
from ctcollect.seasons import Period
from ctcollect.store import windows as window_store
from ctcollect.timestamps import Point, Sample, first_reaching

logger = logging.getLogger(__name__)

TRIES = 4
# Of a log that gives fewer entries an answer: so many are a majority against one that is out of its place.
FEW_ENTRIES = 5
# Neighbours differ by no more in a log that merges at once: that is looked for in so many units, wherever they were
# read, and in so many of the time in question.
PROMPT_MS = 60_000
PROMPT_UNITS = 24
PROMPT_UNITS_BETWEEN = 4
GOLDEN_RATIO = 0.618034


_lower, _upper = attrgetter("lower_ms"), attrgetter("upper_ms")


class LogTime:
    """The time of a log of some entries by index. docs/windows.md says what is promised, and why.

    Reads with the pace of the log's host; CtcollectError when the log can't be read. What was read stays in the
    database, so that the same question costs nothing the next time.
    """

    def __init__(self, context: Context, log: LogRow, reader: LogReader, kept: dict[int, Sample]) -> None:
        self._context, self._log, self._reader, self._kept = context, log, reader, kept
        self._size = collectable_size(log)
        self.merge_delay_ms = 1000 * log.mmd_seconds
        self._full_ranges = self._size // RANGE_ENTRIES
        self._head = self._sample(self._unit(0))
        self._tail = self._sample(Span(max(0, self._size - UNIT_ENTRIES), self._size))

    @classmethod
    def of(cls, context: Context, log: LogRow) -> Self:
        """Asks for the log's first and last entries."""
        with context.store.reading() as session:
            kept = window_store.samples(session, log.log_id)
        return cls(context, log, context.reader(log), kept)

    @property
    def first_ms(self) -> int:
        """The earliest timestamp at the log's beginning."""
        return min(self._head.timestamps_ms)

    @property
    def last_ms(self) -> int:
        """The latest timestamp at the log's end."""
        return max(self._tail.timestamps_ms)

    def cover(self, period: Period) -> Span | None:
        """Whole ranges with every entry that was logged in the period; None when the log holds no such entry."""
        before, after = period.start_ms - self.merge_delay_ms, period.end_ms + self.merge_delay_ms
        if self._tail.upper_ms < before and self.last_ms < period.start_ms:
            return None
        if self._head.lower_ms >= after and self.first_ms >= period.end_ms:
            return None
        return Span(self._start(period.start_ms), self._end(after))

    def _start(self, start_ms: int) -> int:
        """The start of a range, behind entries that were all logged too early.

        Too early is a merge delay before ``start_ms``, or only PROMPT_MS before it where the day between is more
        than a range and no entry is seen that is ahead of its neighbours: by RFC 6962 none can be, unless the
        neighbours were merged late.
        """
        before_ms = start_ms - self.merge_delay_ms
        number = self._first_range(before_ms, _upper)
        prompt = self._first_range(start_ms - PROMPT_MS, _upper)
        if prompt - number > 1 and self._all_prompt(number, prompt):
            number, before_ms = prompt, start_ms - PROMPT_MS
        at = number * RANGE_ENTRIES
        # The last unit of the range before is early only up to its middle: the next one must be early as well.
        if at == 0 or (at < self._size and self._sample(self._unit(at)).upper_ms < before_ms):
            return at
        return at - RANGE_ENTRIES

    def _all_prompt(self, first: int, last: int) -> bool:
        """Whether no entry is ahead of its neighbours in units spread over these ranges, or in any that was read."""
        for step in range(PROMPT_UNITS):
            if step >= PROMPT_UNITS_BETWEEN and len(self._kept) >= PROMPT_UNITS:
                break
            # Multiples of the golden ratio: spread evenly whenever one stops, and the same ones the next time.
            self._sample(self._last_unit(first + int((last - first) * (step * GOLDEN_RATIO % 1))))
        return all(sample.ahead_ms <= PROMPT_MS for sample in self._kept.values())

    def _end(self, after_ms: int) -> int:
        """The end of a range or of the log, behind which all was logged more than a merge delay too late."""
        number = self._first_range(after_ms, _lower)
        return min((number + 1) * RANGE_ENTRIES, self._size)

    def _first_range(self, target_ms: int, time_of: Callable[[Sample], int]) -> int:
        """The number of the first range whose last unit has reached a time; the number of full ranges if none has."""

        def distance_at(number: int) -> int:
            return time_of(self._sample(self._last_unit(number))) - target_ms

        low = Point(-1, time_of(self._head) - target_ms)
        high = Point(self._full_ranges, time_of(self._tail) - target_ms)
        if low.distance >= 0:
            return 0
        for number in self._known_ranges():
            point = Point(number, distance_at(number))
            if point.distance < 0:
                low = point
            else:
                high = point
                break
        return high.position if high.distance < 0 else first_reaching(low, high, distance_at)

    def _known_ranges(self) -> list[int]:
        """The full ranges whose last unit was read before, in order."""
        numbers = (
            start // RANGE_ENTRIES for start in self._kept if start % RANGE_ENTRIES == RANGE_ENTRIES - UNIT_ENTRIES
        )
        return sorted(number for number in numbers if number < self._full_ranges)

    def _last_unit(self, number: int) -> Span:
        return self._unit((number + 1) * RANGE_ENTRIES - UNIT_ENTRIES)

    def _unit(self, start: int) -> Span:
        return Span(start, min(start + UNIT_ENTRIES, self._size))

    def _sample(self, span: Span) -> Sample:
        """The entries of a span: all of them at the log's end, else at least FEW_ENTRIES."""
        wanted = len(span) if span.end == self._size else min(len(span), FEW_ENTRIES)
        kept = self._kept.get(span.start)
        if kept is not None and len(kept.timestamps_ms) >= wanted:
            return kept
        sample = self._read(span, wanted)
        with self._context.store.transaction() as session:
            window_store.keep_sample(session, self._log.log_id, sample)
        self._kept[span.start] = sample
        return sample

    def _read(self, span: Span, wanted: int) -> Sample:
        found: list[int] = []
        while len(found) < wanted:
            found += self._timestamps(Span(span.start + len(found), span.end))
        return Sample(span.start, tuple(found))

    def _timestamps(self, span: Span, tries: int = TRIES) -> list[int]:
        """Of the entries that one answer brings; a log that asks for fewer requests is asked again in its time."""
        try:
            answer = self._reader.entries(span.start, span.end)
            return [parse_timestamp(leaf_input) for leaf_input in answer.leaf_inputs]
        except Throttled as error:
            if tries == 1:
                raise
            logger.info("%s: %s", self._log.name, error)
            return self._timestamps(span, tries - 1)
        except MalformedEntry as error:
            raise BadAnswer(f"{self._log.name}: an entry in {span} has no timestamp: {error}") from None
