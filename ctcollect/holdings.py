"""Which zip files of archives a worker has, as it says in its heartbeats and as the table of workers keeps it.

One text: ``7d3ef2f88fff8855:0-12,14 b73efb24df9c4dba:0-52``, the first digits of each log_id and the numbers of the
zip files. A worker that says more than it has is handed orders that it hands back.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from ctcollect.protocol.static_ct import PART_ENTRIES
from ctcollect.ranges import Span, join_spans

# Heartbeats are many: a log is told by so much of its log_id.
LOG_ID_DIGITS = 16
HOLDINGS_CHARACTERS = 2000
WORD = re.compile(r"([0-9a-f]{16}):(\d{1,6}(?:-\d{1,6})?(?:,\d{1,6}(?:-\d{1,6})?)*)", re.ASCII)

# Spans of the numbers of zip files, by the first digits of the log_id.
Holdings = Mapping[str, Sequence[Span]]


def holdings_of(numbers: Mapping[bytes, Iterable[int]]) -> Holdings:
    """From the numbers of the zip files by log_id (32 bytes)."""
    return {
        log_id.hex()[:LOG_ID_DIGITS]: join_spans(Span(number, number + 1) for number in each)
        for log_id, each in numbers.items()
    }


def write_holdings(holdings: Holdings) -> str:
    """At most HOLDINGS_CHARACTERS: what is too much is left out, log by log."""
    text = ""
    for log_id, spans in sorted(holdings.items()):
        longer = f"{text} {log_id}:{','.join(map(_write, spans))}".strip()
        text = longer if spans and len(longer) <= HOLDINGS_CHARACTERS else text
    return text


def parse_holdings(text: object) -> Holdings:
    """Total: what can't be read of a friend's text is left out."""
    words = text[:HOLDINGS_CHARACTERS].split() if isinstance(text, str) else []
    found = filter(None, map(WORD.fullmatch, words))
    return {match[1]: join_spans(map(_parse, match[2].split(","))) for match in found}


def held_entries(holdings: Holdings, log_id: str) -> list[Span]:
    """The entries of a log (log_id in hex) that are in these zip files."""
    spans = holdings.get(log_id[:LOG_ID_DIGITS], ())
    return [Span(span.start * PART_ENTRIES, span.end * PART_ENTRIES) for span in spans]


def _write(span: Span) -> str:
    return str(span.start) if len(span) == 1 else f"{span.start}-{span.end - 1}"


def _parse(text: str) -> Span:
    first, _, last = text.partition("-")
    return Span(int(first), max(int(first), int(last or first)) + 1)
