"""Scenarios of machines to which something happens, and of records that are not there."""

from ctcollect.local_log.scenarios.expected import ExpectedLineage, Scenario
from ctcollect.local_log.scenarios.habits import DAY, GOOGLE, SECOND, Planned, cron, tokyo


def revoked_by_the_ca() -> Scenario:
    """One early reissue, told from a renewal and left out of the intervals; still a machine."""
    names = ("www.scenario-08.ac.jp",)
    planned = [
        *cron(names, tokyo(2025, 4, 1, 4), 4),
        *cron(names, tokyo(2025, 11, 27, 4), 1),
        *cron(names, tokyo(2025, 12, 9, 13), 4, seed=3),
    ]
    return Scenario.of_one(
        8,
        "all are revoked on 2025-12-09 and issued again 12 days after they were",
        planned,
        ExpectedLineage(
            names=names,
            certificates=9,
            renewals=7,
            interval_days=(60, 60.5),
            early_reissues=1,
            automation_class="automated",
        ),
    )


def broken_cron() -> Scenario:
    """Exactly one late incident, which began at the year's end."""
    names = ("www.scenario-11.go.jp",)
    planned = [
        *cron(names, tokyo(2022, 12, 1, 5), 5),
        Planned(names, tokyo(2023, 10, 2, 6), 90),  # to 2023-12-31 06:00
        *cron(names, tokyo(2024, 1, 6, 11), 5, seed=4),
    ]
    return Scenario.of_one(
        11,
        "cron breaks, the certificate expires on 31 December, mended on 6 January",
        planned,
        ExpectedLineage(
            names=names,
            certificates=11,
            renewals=10,
            interval_days=(60, 60.5),
            late=1,
            gap_days=(6.2, 6.22),
            expired="2023-12-31 nenmatsu",
            automation_class="automated",
        ),
    )


def long_lapse() -> Scenario:
    """A lapse, not a late renewal."""
    names = ("scenario-12.gr.jp",)
    before = cron(names, tokyo(2022, 1, 5, 5), 5)
    after = cron(names, before[-1].not_after + SECOND + 400 * DAY, 4, issuer=GOOGLE)
    return Scenario.of_one(
        12,
        "nobody renews; after 400 days another CA issues",
        (*before, *after),
        ExpectedLineage(
            names=names,
            certificates=9,
            renewals=8,
            interval_days=(60, 60.5),
            lapses=1,
            gap_days=(399.99, 400.01),
            ca_switches=1,
            automation_class="automated",
        ),
    )


def missing_record() -> Scenario:
    """An interval of twice the usual is a record that is missing, not a late renewal."""
    names = ("www.scenario-16.jp",)
    made = cron(names, tokyo(2023, 1, 10, 22), 9)
    return Scenario.of_one(
        16,
        "certbot, one certificate of which no log has a record",
        (*made[:5], *made[6:]),
        ExpectedLineage(
            names=names,
            certificates=8,
            renewals=6,
            interval_days=(60, 60.5),
            suspect_missing=1,
            automation_class="automated",
        ),
    )
