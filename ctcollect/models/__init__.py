"""The tables (SQLAlchemy 2, MySQL/MariaDB and SQLite). Names are part of the contract; docs/tables.md is for people.

Hashes and ids are lower-case hex, times are UTC without zone, spans are half-open, ``*_ms`` are milliseconds.
"""

from ctcollect.models.certificates import CertificateNameRow, CertificateRow, MalformedRow, SightingRow
from ctcollect.models.columns import MAX_NAME_OCTETS, Base
from ctcollect.models.credit import CreditDayRow, CreditHourRow, CreditRow, CreditTotalRow, LogFaultRow
from ctcollect.models.figures import HOUR, MINUTE, FleetSampleRow, GaugeRow, IncidentRow, ProgressSampleRow
from ctcollect.models.friends import AccountRow, ContributionRow, DailyCountRow, PaceCountRow, WorkerRow
from ctcollect.models.ledger import (
    FULL,
    OPEN,
    VERIFIED,
    DeliveryRow,
    FollowedWindowRow,
    GuardRow,
    LeaseRow,
    RangeRow,
    RefusedHarvestRow,
    SecondOpinionRow,
    SubtreeRow,
    WindowRow,
)
from ctcollect.models.logs import HostPaceRow, ListingRow, LogRow, TimestampSampleRow, TreeHeadRow

__all__ = [
    "FULL",
    "HOUR",
    "MAX_NAME_OCTETS",
    "MINUTE",
    "OPEN",
    "VERIFIED",
    "AccountRow",
    "Base",
    "CertificateNameRow",
    "CertificateRow",
    "ContributionRow",
    "CreditDayRow",
    "CreditHourRow",
    "CreditRow",
    "CreditTotalRow",
    "DailyCountRow",
    "DeliveryRow",
    "FleetSampleRow",
    "FollowedWindowRow",
    "GaugeRow",
    "GuardRow",
    "HostPaceRow",
    "IncidentRow",
    "LeaseRow",
    "ListingRow",
    "LogFaultRow",
    "LogRow",
    "MalformedRow",
    "PaceCountRow",
    "ProgressSampleRow",
    "RangeRow",
    "RefusedHarvestRow",
    "SecondOpinionRow",
    "SightingRow",
    "SubtreeRow",
    "TimestampSampleRow",
    "TreeHeadRow",
    "WindowRow",
    "WorkerRow",
]

# A server's default may be latin1; names and subjects hold every script there is, and capitals count.
for _table in Base.metadata.tables.values():
    for _dialect in ("mysql", "mariadb"):
        _table.dialect_kwargs.update(
            {
                f"{_dialect}_engine": "InnoDB",
                f"{_dialect}_charset": "utf8mb4",
                f"{_dialect}_collate": "utf8mb4_bin",
            }
        )
