"""Scenarios of a change after which another CA or another name set goes on."""

from datetime import timedelta

from ctcollect.local_log.scenarios.expected import ExpectedLineage, Scenario
from ctcollect.local_log.scenarios.habits import DIGICERT, Planned, cron, tokyo


def to_lets_encrypt() -> Scenario:
    """One change of the CA, no gap, and the class is that of what renews now."""
    names = ("www.scenario-04.ac.jp",)
    by_year = [
        # notBefore at midnight UTC, 9 o'clock in Tokyo
        Planned(names, moment, 397, DIGICERT, backdated=timedelta(hours=moment.hour - 9))
        for moment in (tokyo(2020, 5, 12, 11), tokyo(2021, 5, 25, 15), tokyo(2022, 6, 6, 10))
    ]
    return Scenario.of_one(
        4,
        "DigiCert by the year, then certbot",
        (*by_year, *cron(names, tokyo(2023, 6, 14, 14), 8)),
        ExpectedLineage(
            names=names,
            certificates=11,
            renewals=10,
            interval_days=(60, 60.5),
            ca_switches=1,
            automation_class="automated",
        ),
    )


def added_name() -> Scenario:
    """Two lineages, one change of names, no incident."""
    host = ("www.scenario-06.or.jp",)
    both = ("shop.scenario-06.or.jp", *host)
    return Scenario(
        6,
        "a name is added at a renewal",
        (*cron(host, tokyo(2023, 1, 10, 22), 5), *cron(both, tokyo(2023, 11, 7, 22), 5)),
        (
            ExpectedLineage(
                names=host,
                certificates=5,
                renewals=4,
                interval_days=(60, 60.5),
                end="san_change",
                automation_class="automated",
            ),
            ExpectedLineage(
                names=both,
                certificates=5,
                renewals=4,
                interval_days=(60, 60.5),
                end="expired",
                automation_class="automated",
            ),
        ),
    )


def wildcard() -> Scenario:
    """The host's gap is covered all the time: no incident."""
    host, every_host = ("www.scenario-07.jp",), ("*.scenario-07.jp",)
    planned = [
        *cron(host, tokyo(2023, 1, 10, 22), 5),
        *cron(every_host, tokyo(2023, 10, 20, 22), 8),
        *cron(host, tokyo(2024, 12, 20, 1), 2, seed=2),
    ]
    return Scenario(
        7,
        "a wildcard takes a host's place; a year later the host comes back",
        tuple(planned),
        (
            ExpectedLineage(
                names=host,
                certificates=7,
                renewals=6,
                covered_lapses=1,
                interval_days=(60, 60.5),
                automation_class="automated",
            ),
            ExpectedLineage(
                names=every_host, certificates=8, renewals=7, interval_days=(60, 60.5), automation_class="automated"
            ),
        ),
    )
