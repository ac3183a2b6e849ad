"""What an analysis reads beside issuances: plain values. Times are seconds since 1970 UTC, spans half-open."""

from typing import NamedTuple

from ctcollect.analysis.coverage import TimeSpan
from ctcollect.analysis.issuance import Issuance
from ctcollect.ranges import Span


class Lineage(NamedTuple):
    """All certificates with exactly these names, by time of issue, then by dates, then by identity."""

    names: tuple[str, ...]
    issuances: tuple[Issuance, ...]


class CollectedLog(NamedTuple):
    """What of a log is proven complete: its entries in ``verified``, which were logged in the times ``issued``.

    ``not_after_*_s``: the shard takes certificates that end in [start, end); None without a limit.
    """

    log_id: str
    not_after_start_s: float | None
    not_after_end_s: float | None
    issued: tuple[TimeSpan, ...]
    name: str
    operator: str
    state: str | None
    tree_size: int
    wanted: tuple[Span, ...]
    verified: tuple[Span, ...]
