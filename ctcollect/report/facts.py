"""What the report says of the collection itself: what was wanted, verified and not, and as of when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from ctcollect.analysis.coverage import Coverage, LogCoverage, TimeSpan, intersection
from ctcollect.analysis.rules import Rules
from ctcollect.analysis_data import CollectedLog, Dataset
from ctcollect.errors import ConfigurationError
from ctcollect.seasons import season

# No plausible season begins before the first log or after the calendar of holidays ends.
FIRST_SEASON, LAST_SEASON = 2013, 2098

DATA_AS_OF = """
SELECT epoch(max(moment)) FROM (
    SELECT max(collected_at) AS moment FROM sightings UNION ALL SELECT max(verified_at) FROM ranges
)
"""
ONLY_THESE_LOGS = """
ALTER VIEW sightings RENAME TO sightings_in_all_logs;
CREATE VIEW sightings AS SELECT * FROM sightings_in_all_logs
WHERE log_id IN (SELECT unnest(string_split('{log_ids}', ',')))
"""


class Choice(NamedTuple):
    """What the report is to be about: seasons by their first year, logs by name; all where nothing is said."""

    seasons: tuple[int, ...] = ()
    logs: tuple[str, ...] = ()

    @property
    def issued(self) -> tuple[TimeSpan, ...] | None:
        """The times of issue that are wanted; None for all."""
        spans = (season(year) for year in sorted(set(self.seasons)))
        return tuple((each.start.timestamp(), each.end.timestamp()) for each in spans) or None


@dataclass(frozen=True, slots=True)
class Facts:
    """``data_as_of``: when the newest thing in the data was collected or verified, UTC; None of an empty collection.

    ``certificates`` are those of the choice, before any is refused.
    """

    choice: Choice
    logs: tuple[CollectedLog, ...]
    data_as_of: datetime | None
    certificates: int = 0

    @property
    def wanted_entries(self) -> int:
        return sum(len(span) for each in self.logs for span in each.wanted)

    @property
    def verified_entries(self) -> int:
        return sum(len(span) for each in self.logs for span in each.verified)

    @property
    def data_date(self) -> str:
        """``2026-11-01``, UTC; "no-data" when there is none."""
        return f"{self.data_as_of:%Y-%m-%d}" if self.data_as_of else "no-data"

    def coverage(self, rules: Rules) -> Coverage:
        """Of the chosen logs and seasons."""
        return Coverage((_coverage_of(each, self.choice.issued) for each in self.logs), rules)


def _coverage_of(log: CollectedLog, issued: tuple[TimeSpan, ...] | None) -> LogCoverage:
    spans = log.issued if issued is None else intersection(log.issued, issued)
    return LogCoverage(log.log_id, log.not_after_start_s, log.not_after_end_s, tuple(spans))


def read_facts(dataset: Dataset, choice: Choice) -> Facts:
    """The chosen logs are all that the data set shows from here on. ConfigurationError for a log that is not there."""
    known = dataset.log_coverage()
    missing = sorted(set(choice.logs) - {log.name for log in known})
    if missing:
        names = ", ".join(log.name for log in known) or "none"
        raise ConfigurationError(f"the collection has no log {', '.join(missing)}; it has: {names}")
    logs = tuple(log for log in known if not choice.logs or log.name in choice.logs)
    if choice.logs:
        _restrict(dataset, logs)
    row = dataset.connection.execute(DATA_AS_OF).fetchone()
    seconds = row[0] if row else None
    return Facts(choice, logs, None if seconds is None else datetime.fromtimestamp(seconds, UTC))


def _restrict(dataset: Dataset, logs: Sequence[CollectedLog]) -> None:
    """Sightings in other logs are hidden behind a view of the same name."""
    log_ids = ",".join(log.log_id.replace("'", "''") for log in logs)
    dataset.connection.execute(ONLY_THESE_LOGS.format(log_ids=log_ids))
