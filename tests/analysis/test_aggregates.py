"""Many lineages added up: shares and distributions, the calendar's estimate, exposure, holidays."""

import pickle
import random
from collections import Counter
from datetime import timedelta

import pytest

from ctcollect.analysis.aggregates import Aggregates
from ctcollect.analysis.coverage import Coverage
from ctcollect.analysis.domain import analyse_domain
from ctcollect.analysis.exposure import renewals_per_year
from ctcollect.analysis.holiday_risk import holiday_risk, late_expiry
from ctcollect.analysis.issuance import Issuance
from ctcollect.analysis.japan_days import day_at
from ctcollect.seasons import season
from tests.analysis import scenarios
from tests.analysis.making import ALWAYS, RULES, analyse, certificate, coverage_of, tokyo

DAY = timedelta(days=1)


def add(aggregates: Aggregates, domain: str, certificates: list[Issuance], coverage: Coverage = ALWAYS) -> None:
    """Take the certificates as those of one registered domain."""
    aggregates.add_domain(*analyse_domain(domain, certificates, coverage, RULES))


def fleet(count: int) -> list[tuple[str, list[Issuance]]]:
    """So many domains, each renewed every 60 days and some hours over five years, beginning at any time."""
    made = []
    for number in range(count):
        chance, domain = random.Random(number), f"d{number}.co.jp"
        start = tokyo(2021, 10, 1) + chance.uniform(0, 60) * DAY
        made.append((domain, scenarios.cron(start, 27, seed=number, names=(domain,))))
    return made


def test_the_naive_way_and_ours() -> None:
    """A fleet without one late renewal, seen by season: naively a late annual person, in truth nothing can be said."""
    spans = [(season(year).start, season(year).end) for year in range(2021, 2026)]
    coverage = coverage_of(spans)
    aggregates = Aggregates(coverage, RULES)
    for domain, certificates in fleet(60):
        times = [(a.timestamp(), b.timestamp()) for a, b in spans]
        seen = [each for each in certificates if any(a <= (each.issued_at_s or 0) < b for a, b in times)]
        add(aggregates, domain, seen, coverage)
    naive, interval = aggregates.estimate("naive_late"), aggregates.summary("naive_interval_days")
    assert naive is not None
    assert naive.value > 0.9
    assert interval is not None
    assert interval.median == pytest.approx(361.5, abs=2)
    assert aggregates.estimate("late") is None
    censored = aggregates.estimate("gap_censored")
    assert censored is not None
    assert censored.coverage == "seasons"
    assert censored.numerator == naive.numerator
    insufficient = aggregates.estimate("class_insufficient")
    assert insufficient is not None
    assert insufficient.value == 1


def test_halves_merge_to_the_whole() -> None:
    """Domains added in two processes give every figure of one, to the last digit."""
    whole, first, second = (Aggregates(ALWAYS, RULES) for _ in range(3))
    domains = [*fleet(4), ("example.jp", scenarios.late_person()), ("example.jp", scenarios.added_name())]
    for number, (domain, certificates) in enumerate(domains):
        add(whole, domain, certificates)
        add(second if number % 2 else first, domain, certificates)
    merged = pickle.loads(pickle.dumps(second))
    merged.merge(pickle.loads(pickle.dumps(first)))
    for group in ("all", "organisation:co", "ca:DigiCert", "validity:up-to-100"):
        for measure in ("late", "non_business", "class_automated", "behaviour_manual", "naive_late"):
            assert merged.estimate(measure, group) == whole.estimate(measure, group)
        assert merged.summary("interval_days", group) == whole.summary("interval_days", group)
        assert merged.tally(group) == whole.tally(group)
    assert whole.domains() == 6
    assert whole.groups("organisation") == ["organisation:co", "organisation:general"]
    assert whole.capture.by_log == merged.capture.by_log == {"log-a": 124, "log-b": 124}


def test_nothing_gives_no_figure() -> None:
    """Without a certificate no figure is made up."""
    empty = Aggregates(Coverage([], RULES), RULES)
    empty.add_domain([], Counter({"no_dates": 2}))
    assert empty.estimate("late") is None
    assert empty.summary("interval_days") is None
    assert empty.automated_shares() == []
    assert empty.weekend_evenness() is None
    assert empty.holiday_risk() is None
    assert (empty.domains(), empty.groups("ca"), empty.seasons()) == (0, [], [])
    assert empty.tally().counts() == {}
    assert empty.refused == {"no_dates": 2}


def test_local_governments_are_counted_twice_and_shared_names_once() -> None:
    """A city is in its registry class and in the overlay; a name set of two domains is half in each."""
    aggregates = Aggregates(ALWAYS, RULES)
    names = ("www.city.kawasaki.jp", "example.co.jp")
    certificates = scenarios.cron(tokyo(2023, 1, 10, 22), 12, names=names)
    for domain in ("city.kawasaki.jp", "example.co.jp"):
        add(aggregates, domain, certificates)
    assert aggregates.groups("organisation") == ["organisation:co", "organisation:geographic", "organisation:local_gov"]
    whole, city = (
        aggregates.estimate("class_automated"),
        aggregates.estimate("class_automated", "organisation:local_gov"),
    )
    assert whole is not None
    assert city is not None
    assert (whole.denominator, whole.domains, city.denominator, city.hidden) == (1, 2, 0.5, True)
    assert aggregates.tally().counts()["issuances"] == 12


def test_the_calendars_estimate_finds_the_share_of_machines() -> None:
    """Of machines at all hours alone it is near 1, of people near 0, and so is the evenness of weekends."""
    machines, people = Aggregates(ALWAYS, RULES), Aggregates(ALWAYS, RULES)
    for domain, certificates in fleet(80):
        add(machines, domain, certificates)
    for number in range(80):
        start = tokyo(2021, 10, 1) + random.Random(number).uniform(0, 60) * DAY
        made = scenarios.by_hand(start, 90, [random.Random(number).uniform(5, 27) for _ in range(16)], seed=number)
        on_business_days = [each for each in made if day_at(each.issued_at_s or 0).is_business]
        add(people, "example.jp", on_business_days)
    shares = [
        next(each for each in group.automated_shares() if each.human_share == 0.01) for group in (machines, people)
    ]
    assert shares[0].value == pytest.approx(1, abs=0.1)
    assert shares[0].interval is not None
    assert shares[0].interval[0] < 1 < shares[0].interval[1]
    assert shares[0].is_enough
    assert shares[1].value == pytest.approx(-0.03, abs=0.01)
    assert machines.weekend_evenness() == pytest.approx(1, abs=0.15)
    assert people.weekend_evenness() == 0


@pytest.mark.parametrize(
    ("days", "elapsed", "load"), [(397, 0.94, 0.98), (199, 0.92, 2.0), (99, 0.67, 5.5), (46, 0.67, 11.9)]
)
def test_renewals_a_year(days: float, elapsed: float, load: float) -> None:
    """365.25 / (V u): once a year with 397 days, twelve times with 46."""
    (result,) = analyse([certificate(tokyo(2023, 5, 1, 12), days)])
    assert renewals_per_year(result, None, RULES) == pytest.approx(365.25 / (days * elapsed))
    assert renewals_per_year(result, None, RULES) == pytest.approx(load, rel=0.01)
    last = renewals_per_year(result, RULES.phases[-1], RULES)
    assert last == pytest.approx(11.9, abs=0.1)


def test_a_lineage_keeps_its_own_habit_until_a_phase_shortens_it() -> None:
    """Certbot's 60 of 90 days stay as they are under 200 and 100 days, and become two thirds of 46."""
    (result,) = analyse(scenarios.cron(tokyo(2029, 1, 10, 22), 6))
    now, *phases = [renewals_per_year(result, each, RULES) for each in (None, *RULES.phases[1:])]
    assert now == pytest.approx(365.25 / 60.25, abs=0.05)
    assert phases == [now, now, pytest.approx(365.25 / (46 * 0.67))]


def test_late_renewals_and_holidays() -> None:
    """The hours to the next office, and the share on shut days against the calendar with its exact interval."""
    new_year = late_expiry(tokyo(2023, 12, 31, 6).timestamp(), 6.2, RULES)
    assert new_year.hours_to_business == 4 * 24 + 3
    assert late_expiry(tokyo(2023, 12, 5, 6).timestamp(), 1, RULES).hours_to_business == 0
    risk = holiday_risk({new_year: 5}, 0.25, RULES)
    assert (risk.n, risk.observed, risk.expected, risk.ratio) == (5, 5, 1.25, 4)
    assert risk.interval == pytest.approx((1.6235 / 1.25, 11.6683 / 1.25), abs=1e-3)
