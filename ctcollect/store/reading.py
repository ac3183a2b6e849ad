"""A harvest after its entries were read by the coordinator, and what recording it brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ctcollect.certificate import CertificateFields
from ctcollect.harvest import Harvest


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
    """A harvest after its entries were read. ``leaf_file`` is already on disk, relative to the leaves folder."""

    harvest: Harvest
    worker: str
    friend: str
    found: Sequence[Found]
    unreadable: Sequence[Unreadable]
    leaf_file: str
    collected_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a recorded harvest brought that was not there before; ``is_new`` is False for one that came again."""

    entries: int
    sightings: int
    certificates: int
    malformed: int
    range_is_full: bool
    is_new: bool = False
