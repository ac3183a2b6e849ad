"""What a table or figure is before anybody draws it: rows, which are its CSV, and what must be said with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ctcollect.analysis.aggregates import Aggregates
from ctcollect.analysis.coverage import Flag
from ctcollect.analysis.groups import ALL, ORGANISATION_TYPES
from ctcollect.analysis.rules import Rules
from ctcollect.report.facts import Facts
from ctcollect.report.language import Language

ORGANISATION_GROUPS = (ALL, *(f"organisation:{name}" for name in ORGANISATION_TYPES))


@dataclass(frozen=True, slots=True)
class Source:
    """All that an exhibit is made from."""

    aggregates: Aggregates
    facts: Facts
    sightings: Mapping[str, int]
    rules: Rules
    say: Language

    def is_hidden(self, group: str) -> bool:
        """Whether a group has too few registered domains for anything but their number to be shown."""
        return self.aggregates.domains(group) < self.rules.statistics.min_domains


class Cell(NamedTuple):
    """A cell of a table on the page: what is read first, and lines in small letters that belong to it."""

    main: str
    small: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as the page shows it; the first cell of a row is its head."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """``rows`` under ``columns`` are the CSV, and all that a figure is drawn from.

    ``n`` counts ``unit``. ``missing`` says in a sentence why there is nothing to show, "" when there is.
    ``says``: sentences that explain; ``grid``: the table for the page, None of a figure.
    """

    id: str
    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    n: int
    unit: str
    coverage: Flag
    says: Sequence[str] = ()
    missing: str = ""
    grid: Grid | None = None
    axes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_figure(self) -> bool:
        return self.grid is None

    @property
    def file_name(self) -> str:
        """``F4-elapsed``."""
        return f"{self.id}-{self.name}"

    def records(self) -> list[dict[str, Any]]:
        """The rows by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


Maker = Callable[[Source], Exhibit]


def why_nothing(source: Source, of_what: str) -> str:
    """The sentence that stands where a figure would: the first reason that holds."""
    say, flag = source.say, source.aggregates.coverage.flag()
    if source.facts.certificates == 0:
        return say("Nothing can be said: the collection holds no certificate of this choice.")
    if flag == "none":
        return say(
            "Nothing can be said of {what}: no part of a log was verified, so that a hole in the collection can't be "
            "told from a certificate that was never issued.",
            what=of_what,
        )
    if flag == "seasons":
        return say(
            "Nothing can be said of {what}: only seasons were collected, and what lies between them is not known.",
            what=of_what,
        )
    return say("Nothing can be said of {what}: no name set in the data has any.", what=of_what)


def shows_intervals(source: Source) -> bool:
    """Whether any time that was covered is long enough for the intervals of all validities."""
    return source.aggregates.coverage.flag() not in ("none", "seasons")


def season_warning(source: Source) -> list[str]:
    """A sentence for what rests on linked certificates, where only seasons were collected."""
    if source.aggregates.coverage.flag() != "seasons":
        return []
    return [
        source.say(
            "Only seasons were collected: what is shown comes from intervals shorter than a season, and nothing "
            "follows from it for the others."
        )
    ]


def too_few(source: Source) -> str:
    """The sentence for a figure whose every group is hidden."""
    return source.say(
        "Not shown: fewer than {least} registered domains. lineages.csv has each name set.",
        least=source.rules.statistics.min_domains,
    )
