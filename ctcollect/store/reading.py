"""A harvest after its entries were read by the coordinator, and what recording it brought."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from ctcollect.certificate import CertificateFields
from ctcollect.harvest import Harvest
from ctcollect.ranges import Span, range_at


def range_key(harvest: Harvest) -> tuple[str, int]:
    """(log_id, start_index) of the range that the harvest's order lies in."""
    return harvest.log_id, range_at(harvest.order_start, harvest.order_end).start


@dataclass(frozen=True)
class Found:
    """A .jp certificate in an entry: what becomes a sighting."""

    index: int
    leaf_timestamp: datetime | None
    entry_type: str
    fields: CertificateFields

    @cached_property
    def identity(self) -> str:
        """That of its fields, computed once."""
        return self.fields.identity


class Seen(NamedTuple):
    """What was found in which log."""

    log_id: str
    found: Found


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
