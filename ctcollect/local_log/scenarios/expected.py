"""What an analysis must find in a scenario."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

from ctcollect.local_log.scenarios.habits import Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLineage:
    """One name set, named as the columns of lineages.csv are.

    ``interval_days``, ``elapsed`` (of the validity, 0 to 1) and ``lead_days`` are what their medians lie between,
    ``gap_days`` what the only late or lapsed gap lies between, both ends included; ``expired`` is the day on which that
    began, with its kind, by the calendar of Tokyo. ``end`` is what became of the name set after its last certificate.
    None: a scenario says nothing about it.
    """

    names: tuple[str, ...]
    certificates: int
    renewals: int
    automation_class: str
    interval_days: tuple[float, float] | None = None
    elapsed: tuple[float, float] | None = None
    lead_days: tuple[float, float] | None = None
    parallel_degree: int = 1
    late: int = 0
    long_late: int = 0
    lapses: int = 0
    covered_lapses: int = 0
    suspect_missing: int = 0
    censored: int = 0
    early_reissues: int = 0
    ca_switches: int = 0
    gap_days: tuple[float, float] | None = None
    expired: str | None = None
    end: str | None = None


class ExpectedDay(NamedTuple):
    """What a time of issue is by the calendar of Tokyo: ``2023-01-01 Sun`` and the kind of the day."""

    issued: datetime
    day: str
    kind: str
    is_national_holiday: bool


class Scenario(NamedTuple):
    """One of the ground truths: what is issued, and what must be found in it."""

    number: int
    title: str
    planned: tuple[Planned, ...]
    lineages: tuple[ExpectedLineage, ...]
    days: tuple[ExpectedDay, ...] = ()

    @classmethod
    def of_one(cls, number: int, title: str, planned: Iterable[Planned], expected: ExpectedLineage) -> Self:
        """A scenario of one name set."""
        return cls(number, title, tuple(planned), (expected,))
