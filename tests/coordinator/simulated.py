"""A log of any size that holds nothing but timestamps, made by arithmetic, for plans of a whole real log."""

from dataclasses import dataclass, field
from typing import cast

from cryptography.hazmat.primitives.asymmetric import ec

from ctcollect.broker import Broker
from ctcollect.client import LogReader
from ctcollect.coordinator.context import Context
from ctcollect.local_log.keys import spki
from ctcollect.models import LogRow
from ctcollect.protocol.rfc6962 import GetEntries, SignedTreeHead
from ctcollect.protocol.signatures import log_id, sign_tree_head
from ctcollect.seasons import Period
from ctcollect.settings import Settings
from ctcollect.store import Store

DAY_MS = 86_400_000
NAME = "simulated"
LARGE = 3_000_000_000
LONGEST_SCAN = 20_000_000


@dataclass
class SimulatedLog:
    """Reached the time ``start_ms + days * (index / size) ** curve`` at each index; counts its requests.

    ``disorder`` of the entries have a timestamp that is up to ``delay_ms`` earlier, or if ``both_ways`` also later.
    """

    size: int = LARGE
    start_ms: int = 1_669_852_800_000  # 2022-12-01T00:00:00Z
    days: float = 500
    curve: float = 1.0
    disorder: float = 0.02
    delay_ms: int = DAY_MS
    both_ways: bool = True
    most_entries: int = 256
    requests: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.derive_private_key(7, ec.SECP256R1()))

    def reached_ms(self, index: int) -> int:
        """The time at which the log came to this entry."""
        return self.start_ms + int(self.days * DAY_MS * (index / self.size) ** self.curve)

    def index_at(self, time_ms: int) -> int:
        """About where the log was at a time: the inverse of the above."""
        share = (time_ms - self.start_ms) / (self.days * DAY_MS)
        return min(max(int(self.size * max(share, 0.0) ** (1 / self.curve)), 0), self.size)

    def timestamp_ms(self, index: int) -> int:
        """The timestamp of an entry; which ones are out of order is decided by a hash of the index (splitmix64)."""
        mixed = index * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
        if (mixed >> 32) / 2**32 >= self.disorder:
            return self.reached_ms(index)
        share = (mixed & 0xFFFFFFFF) / 2**32
        return self.reached_ms(index) - int(self.delay_ms * (2 * share - 1 if self.both_ways else share))

    def true_span(self, period: Period) -> tuple[int, int]:
        """The first and the last entry with a timestamp in the period, found by looking at those where they can be."""
        earliest = self.index_at(period.start_ms - self.delay_ms * self.both_ways - 1000)
        latest = min(self.index_at(period.end_ms + self.delay_ms + 1000), self.size - 1)
        indices = range(earliest, min(earliest + LONGEST_SCAN, self.size))
        first = next(index for index in indices if self.is_in(period, index))
        last = next(index for index in range(latest, max(latest - LONGEST_SCAN, -1), -1) if self.is_in(period, index))
        return first, last

    def is_in(self, period: Period, index: int) -> bool:
        return period.start_ms <= self.timestamp_ms(index) < period.end_ms

    def row(self) -> LogRow:
        """The log as the catalogue would hold it."""
        return LogRow(
            log_id=log_id(self._public_key()).hex(), name=NAME, operator="Google", queue="google", kind="rfc6962",
            url="https://simulated.example/", key=self._public_key(), batch_entries=32, subrange_entries=1024,
        )  # fmt: skip

    def _public_key(self) -> bytes:
        return spki(self.key)

    def tree_head(self) -> SignedTreeHead:
        """Signed a second after the last entry came."""
        self.requests += 1
        return sign_tree_head(self.size, self.reached_ms(self.size) + 1000, bytes(32), self.key)

    def entries(self, start: int, end: int) -> GetEntries:
        """Leaves that hold a timestamp and no certificate, at most ``most_entries``."""
        self.requests += 1
        end = min(end, self.size, start + self.most_entries)
        return GetEntries(
            [b"\0\0" + self.timestamp_ms(index).to_bytes(8, "big") for index in range(start, end)], extra_data=[]
        )


@dataclass(frozen=True)
class SimulatedContext(Context):
    """Reads the simulated log, whichever is asked for."""

    simulated: SimulatedLog = field(default_factory=SimulatedLog)

    def reader(self, log: LogRow, deadline: float = float("inf")) -> LogReader:
        return cast(LogReader, self.simulated)


def simulated_context(settings: Settings, store: Store, log: SimulatedLog) -> SimulatedContext:
    """On a migrated database, which comes to know the log."""
    with store.transaction() as session:
        session.add(log.row())
    return SimulatedContext(settings, store, cast(Broker, None), simulated=log)
