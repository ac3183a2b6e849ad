"""What a demo has collected, held against what its logs are known to hold."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ctcollect.models import VERIFIED
from ctcollect.store import Store
from ctcollect.store.harvests import sighted_entries
from ctcollect.store.ledger import range_states


@dataclass(frozen=True, slots=True)
class DemoResult:
    entries_read: int
    sightings: int
    missing: int
    too_many: int
    certificates: int
    certificates_known: int
    ranges: int
    ranges_verified: int
    seconds: float

    @property
    def is_right(self) -> bool:
        return (
            self.missing == self.too_many == 0
            and self.certificates == self.certificates_known
            and self.ranges == self.ranges_verified > 0
        )

    def text(self) -> str:
        known = self.sightings + self.missing - self.too_many
        return (
            f"entries read:           {self.entries_read:,}\n"
            f".jp entries found:      {self.sightings:,} of {known:,} that the logs are known to hold"
            f" ({self.missing:,} missing, {self.too_many:,} too many)\n"
            f".jp certificates:       {self.certificates:,} of {self.certificates_known:,}\n"
            f"ranges verified:        {self.ranges_verified:,} of {self.ranges:,}\n"
            f"seconds:                {self.seconds:.1f}"
        )


def compare_with_truth(store: Store, document: dict[str, Any], truth_file: Path, seconds: float) -> DemoResult:
    """``truth_file`` holds one JSON line an entry, as the local log writes it."""
    known, issuances = _read_truth(truth_file)
    with store.reading() as session:
        found = sighted_entries(session)
        states = range_states(session)
    return DemoResult(
        entries_read=document["totals"]["done"],
        sightings=len(found),
        missing=len(known - found),
        too_many=len(found - known),
        certificates=document["totals"]["certificates"],
        certificates_known=len(issuances),
        ranges=sum(states.values()),
        ranges_verified=states.get(VERIFIED, 0),
        seconds=seconds,
    )


def _read_truth(truth_file: Path) -> tuple[set[tuple[str, int]], set[str]]:
    """The .jp entries as (log, index), and their issuances; logs of different seeds share none but the scenarios'."""
    known, issuances = set(), set()
    with truth_file.open("rb") as lines:
        for line in lines:
            truth = orjson.loads(line)
            if truth["jp_names"]:
                known.add((truth["log"], truth["index"]))
                issuances.add(truth["issuance"])
    return known, issuances
