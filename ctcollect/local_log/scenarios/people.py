"""Scenarios of people who renew by hand."""

from ctcollect.local_log.scenarios.expected import ExpectedLineage, Scenario
from ctcollect.local_log.scenarios.habits import LETS_ENCRYPT, by_hand, tokyo


def late_once() -> Scenario:
    """Exactly the one renewal after expiry is late, by its days."""
    names = ("www.scenario-02.lg.jp",)
    return Scenario.of_one(
        2,
        "by hand: 397 days, 5 to 35 days before, once 2 to 6 days late",
        by_hand(names, tokyo(2020, 6, 2), 397, [21, 9, -4, 33, 14]),
        ExpectedLineage(
            names=names,
            certificates=6,
            renewals=5,
            interval_days=(362, 392),
            lead_days=(5, 35),
            late=1,
            gap_days=(2, 6),
            automation_class="manual",
        ),
    )


def shorter_by_rule() -> Scenario:
    """The step to a shorter validity is no irregularity and no reissue."""
    names = ("scenario-13.co.jp", "www.scenario-13.co.jp")
    return Scenario.of_one(
        13,
        "by hand: 397 days, 199 from 2026-03-15 on",
        by_hand(names, tokyo(2020, 1, 14), 397, [12, 30, 7, 22, 16, 9, 27], shorter_days=199),
        ExpectedLineage(
            names=names,
            certificates=8,
            renewals=7,
            interval_days=(362, 392),
            lead_days=(5, 35),
            automation_class="manual",
        ),
    )


def lets_encrypt_by_hand() -> Scenario:
    """Let's Encrypt does not make a machine."""
    names = ("www.scenario-15.ed.jp",)
    return Scenario.of_one(
        15,
        "Let's Encrypt by hand: office hours, 12 to 27 days before",
        by_hand(names, tokyo(2023, 1, 17), 90, [13, 25, 18, 27, 12, 21, 15, 24], issuer=LETS_ENCRYPT),
        ExpectedLineage(
            names=names,
            certificates=9,
            renewals=8,
            interval_days=(63, 78),
            lead_days=(12, 27),
            automation_class="manual",
        ),
    )
