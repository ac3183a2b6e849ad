"""How much of what was issued the collected logs hold (M0): a missing record looks like a late renewal."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from ctcollect.analysis.ca_owners import ca_owner
from ctcollect.analysis.confidence import Interval, wilson
from ctcollect.analysis.issuance import DAY_S, Issuance
from ctcollect.analysis.rules import Statistics


class CaptureShare(NamedTuple):
    """Of ``n`` certificates of a CA and month whose SCTs are known, the share that a collected log promised to hold.

    Only certificates that were seen at all can be asked, so that the truth is at most this.
    """

    owner: str
    month: str
    n: int
    captured: int
    share: float
    interval: Interval


class LogPair(NamedTuple):
    """Certificates in each of two logs, in both, and Chapman's estimate of all (1951), as if they were independent."""

    logs: tuple[str, str]
    first: int
    second: int
    both: int
    estimate: float


@lru_cache(maxsize=16_384)
def month_of(day: int) -> str:
    """``2025-12``, of a day of UTC by its number from 1970-01-01 on: few days have millions of certificates."""
    return f"{datetime.fromtimestamp(day * DAY_S, UTC):%Y-%m}"


@dataclass(slots=True)
class Capture:
    """Counts by (owner, month), months being UTC's, and by log; merge in any order."""

    known: Counter[tuple[str, str]] = field(default_factory=Counter)
    captured: Counter[tuple[str, str]] = field(default_factory=Counter)
    by_log: Counter[str] = field(default_factory=Counter)
    by_pair: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, issuance: Issuance, issued_s: float, collected: frozenset[str]) -> None:
        """Take one certificate; ``collected`` are the log_ids of which something was verified."""
        logs = sorted(issuance.log_ids)
        self.by_log.update(logs)
        self.by_pair.update(combinations(logs, 2))
        if issuance.sct_log_ids:
            key = ca_owner(issuance.issuer_o, issuance.issuer_cn), month_of(int(issued_s // DAY_S))
            self.known[key] += 1
            self.captured[key] += not collected.isdisjoint(issuance.sct_log_ids)

    def merge(self, other: "Capture") -> None:
        """Take what another was given; certificates must not be in both."""
        self.known.update(other.known)
        self.captured.update(other.captured)
        self.by_log.update(other.by_log)
        self.by_pair.update(other.by_pair)

    def shares(self, statistics: Statistics) -> list[CaptureShare]:
        """By owner and month, in order."""
        return [
            CaptureShare(*key, n, self.captured[key], self.captured[key] / n, wilson(self.captured[key], n, confidence))
            for key, n in sorted(self.known.items())
            for confidence in [statistics.confidence]
        ]

    def log_pairs(self) -> list[LogPair]:
        """Each pair of logs that have certificates in common, by name."""
        return [
            LogPair(pair, *ones, both, (ones[0] + 1) * (ones[1] + 1) / (both + 1) - 1)
            for pair, both in sorted(self.by_pair.items())
            for ones in [(self.by_log[pair[0]], self.by_log[pair[1]])]
        ]
