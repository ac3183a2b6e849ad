"""Scenarios of how one looks: by which calendar, and through which windows."""

from datetime import datetime, timedelta

from ctcollect.local_log.scenarios.expected import ExpectedDay, ExpectedLineage, Scenario
from ctcollect.local_log.scenarios.habits import Planned, cron, tokyo
from ctcollect.seasons import season

# The years of whose seasons alone a log exists; from the last one's December on all is collected.
SEASONS_ONLY = (2017, 2018)
FIRST_WHOLE = 2019

DAYS = {
    "first": ExpectedDay(tokyo(2023, 1, 1) + timedelta(minutes=30), "2023-01-01 Sun", "nenmatsu", True),
    "second": ExpectedDay(tokyo(2023, 1, 2) + timedelta(minutes=510), "2023-01-02 Mon", "nenmatsu", True),
    "sunday": ExpectedDay(tokyo(2024, 12, 29) + timedelta(minutes=30), "2024-12-29 Sun", "nenmatsu", False),
    "monday": ExpectedDay(tokyo(2025, 12, 29) + timedelta(minutes=30), "2025-12-29 Mon", "nenmatsu", False),
    "autumn": ExpectedDay(tokyo(2026, 9, 22) + timedelta(minutes=60), "2026-09-22 Tue", "holiday", True),
}


def days_of_tokyo() -> Scenario:
    """At the edges of days, where it is still the day before by UTC; each of a host's own."""
    hosts = {(f"{label}.scenario-05.ne.jp",): day for label, day in DAYS.items()}
    return Scenario(
        5,
        "issued at the edges of days, which are Tokyo's",
        tuple(Planned(names, day.issued, 90) for names, day in hosts.items()),
        tuple(
            ExpectedLineage(names=names, certificates=1, renewals=0, automation_class="insufficient") for names in hosts
        ),
        tuple(hosts.values()),
    )


def windows_only() -> Scenario:
    """No interval crosses a window: every gap is censored, and nobody can say who renews."""
    names = ("www.scenario-10.ed.jp",)
    seen = [each for each in cron(names, tokyo(2017, 12, 5, 3), 16) if _in_a_window(each.issued)]
    return Scenario.of_one(
        10,
        "certbot seen in December and January only",
        seen,
        ExpectedLineage(
            names=names,
            certificates=4,
            renewals=1,
            interval_days=(60, 60.5),
            censored=2,
            automation_class="insufficient",
        ),
    )


def _in_a_window(moment: datetime) -> bool:
    return any(each.start <= moment < each.end for each in map(season, (*SEASONS_ONLY, FIRST_WHOLE)))
