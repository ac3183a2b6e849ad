"""One log of the catalogue."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal["rfc6962", "static", "archive"]
Availability = Literal["archive", "nowhere"]

# static-ct-api: entries of a whole data tile.
TILE_ENTRIES = 256
# Rounded down to a power of two: 10 to 20 s at the ceiling, and within a task's time at half of it.
TASK_SECONDS = 20.0
TASKS_AT_ONCE = 4
SUBRANGE_MIN_ENTRIES = 1024
SUBRANGE_MAX_ENTRIES = 32768


@dataclass(frozen=True, slots=True)
class Log:
    """A log as the lists describe it; its identity is ``log_id``, never its url or its name.

    ``log_id`` is SHA-256 over ``key`` in lower-case hex (RFC 6962, 3.2), ``key`` a DER SubjectPublicKeyInfo.
    ``url`` is the log's prefix and ends with "/". Times are naive UTC. ``[interval_start, interval_end)``
    holds the notAfter of every certificate the log takes; both are None when the log takes any. ``state`` is
    None for logs that no list vouches for, such as most of those whose ``log_type`` is "test". The final tree
    head is that of a readonly log. A static log is read at ``url`` and signs as ``submission_url``. ``available_from``
    tells, of a log whose operator has ended it, where its entries still are: "archive" or "nowhere". ``archive`` is
    where the archive is that a log of that kind is read from: a url, or local paths, one a line. ``last_listed`` is the
    last day on which a published list is known to have held the log.
    """

    log_id: str
    name: str
    description: str
    operator: str
    queue: str
    kind: Kind
    url: str
    key: bytes
    mmd_seconds: int
    state: str | None
    state_since: datetime | None
    interval_start: datetime | None
    interval_end: datetime | None
    batch_entries: int
    subrange_entries: int
    final_tree_size: int | None = None
    final_root_hash: bytes | None = None
    log_type: str | None = None
    submission_url: str | None = None
    available_from: Availability | None = None
    last_listed: datetime | None = None
    archive: str | None = None

    @property
    def host(self) -> str:
        """The url's host in lower case, with the port when the url names one: what a rate limit counts by."""
        return urlsplit(self.url).netloc.lower()


def subrange_entries_for(batch_entries: int, requests_per_second: float) -> int:
    """Entries of one task for a log with answers of ``batch_entries``: some 10 to 30 s of work for a lane.

    ``requests_per_second`` is the host's ceiling, which the tasks of a lane share. Always a power of two from 1,024
    to 32,768, so that a sub-range is aligned to its own size and a task is worth its round trips.
    """
    wanted = int(TASK_SECONDS * requests_per_second * batch_entries / TASKS_AT_ONCE)
    power_of_two = 1 << max(wanted.bit_length() - 1, 0)
    return min(max(power_of_two, SUBRANGE_MIN_ENTRIES), SUBRANGE_MAX_ENTRIES)
