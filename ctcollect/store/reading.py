"""A harvest after its entries were read by the coordinator, and what recording it brought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ctcollect.certificate import CertificateFields
from ctcollect.harvest import Harvest
from ctcollect.ranges import Span


@dataclass(frozen=True, slots=True)
class Found:
    """A .jp certificate in an entry: what becomes a sighting."""

    index: int
    leaf_timestamp: datetime | None
    entry_type: str
    fields: CertificateFields


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An entry that nobody can read, with the reason."""

    index: int
    reason: str
    leaf_input: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """A harvest of which the entries in ``spans``, those that were not recorded yet, have been read.

    ``leaf_files`` names, relative to the leaves folder, the file of each span in which something was found.
    """

    harvest: Harvest
    worker: str
    friend: str
    spans: Sequence[Span]
    found: Sequence[Found]
    unreadable: Sequence[Unreadable]
    leaf_files: Mapping[Span, str]
    collected_at: datetime
    wants_second_opinion: bool = False

    def leaf_file_of(self, index: int) -> str:
        """The file that holds the entry found at ``index``."""
        return next(path for span, path in self.leaf_files.items() if span.start <= index < span.end)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a recorded harvest brought that was not there before; ``is_new`` is False for one that came again."""

    entries: int
    sightings: int
    certificates: int
    malformed: int
    range_is_full: bool
    is_new: bool = False
