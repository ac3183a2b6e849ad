"""Scenarios of machines that do as they should."""

from ctcollect.local_log.scenarios.expected import ExpectedLineage, Scenario
from ctcollect.local_log.scenarios.habits import AMAZON, DAY, ECDSA, GOOGLE, HOUR, RSA, Planned, cron, tokyo


def certbot() -> Scenario:
    """One stream, two thirds of the validity used, no gap."""
    names = ("www.scenario-01.co.jp",)
    return Scenario.of_one(
        1,
        "certbot: 90 days, every 60 days and up to 12 hours",
        cron(names, tokyo(2023, 1, 10, 22), 12),
        ExpectedLineage(
            names=names,
            certificates=12,
            renewals=11,
            interval_days=(60.1, 60.4),
            elapsed=(0.66, 0.68),
            automation_class="automated",
        ),
    )


def content_delivery_network() -> Scenario:
    """RSA beside ECDSA is one event and the backup a second stream: 60 days, not 17 or 43, and no change of the CA."""
    names = ("scenario-03.jp", "www.scenario-03.jp")
    planned = []
    for turn in range(8):
        moment = tokyo(2023, 1, 7, 3) + turn * 60 * DAY + (turn * 5 % 7) * HOUR
        planned += [Planned(names, moment, 90, GOOGLE, key=key) for key in (RSA, ECDSA)]
        planned.append(Planned(names, moment + 17 * DAY, 90))
    return Scenario.of_one(
        3,
        "CDN: RSA and ECDSA in one minute, a backup CA 17 days later, each every 60 days",
        planned,
        ExpectedLineage(
            names=names,
            certificates=24,
            parallel_degree=2,
            renewals=14,
            interval_days=(59.8, 60.2),
            automation_class="automated",
        ),
    )


def three_servers() -> Scenario:
    """Three streams of 60 days each."""
    names = ("mail.scenario-09.ne.jp", "scenario-09.ne.jp")
    planned = [
        Planned(names, tokyo(2023, 1, 3, 2) + (offset + 60.25 * turn) * DAY + late * HOUR, 90, backdated=HOUR)
        for number, offset in enumerate((0, 7, 33))
        for turn in range(6)
        for late in [(number * 7 + turn * 3) % 5]
    ]
    return Scenario.of_one(
        9,
        "three servers of one name, 0, 7 and 33 days apart",
        planned,
        ExpectedLineage(
            names=names,
            certificates=18,
            parallel_degree=3,
            renewals=15,
            interval_days=(60.05, 60.45),
            automation_class="automated",
        ),
    )


def amazon() -> Scenario:
    """A long validity does not make a person: always exactly 60 days before is a machine."""
    names = ("app.scenario-14.co.jp",)
    planned = tuple(Planned(names, tokyo(2021, 2, 6, 3) + turn * 335 * DAY, 395, AMAZON) for turn in range(5))
    return Scenario.of_one(
        14,
        "ACM: 395 days, renewed exactly 60 days before",
        planned,
        ExpectedLineage(
            names=names,
            certificates=5,
            renewals=4,
            interval_days=(335, 335),
            lead_days=(60, 60),
            automation_class="automated",
        ),
    )
