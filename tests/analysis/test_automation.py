"""The evidence of the index: what counts of a lineage's past, and what is made of a day without its hour."""

import math
from datetime import timedelta

import pytest

from ctcollect.analysis.automation import calendar_evidence, lead_dispersion, regularity_evidence
from ctcollect.analysis.events import bundle
from ctcollect.analysis.issuance import dated
from tests.analysis import scenarios
from tests.analysis.making import DIGICERT, RULES, analyse, certificate, covering, tokyo

DAY = timedelta(days=1)


def test_the_spread_of_lead_times_tells_machines_from_people() -> None:
    """At 0.4 days and below a machine, at 8 and above a person, never by more than 4; a spread of 0 is no fault."""
    index = RULES.index
    assert regularity_evidence(0.0, index) == 4
    machine = -math.log(1.1) - (math.log(2 / 0.4) / 1.1) ** 2 / 2
    human = -math.log(0.8) - (math.log(2 / 8) / 0.8) ** 2 / 2
    assert regularity_evidence(2.0, index) == pytest.approx(machine - human)
    assert regularity_evidence(8.0, index) == -4
    assert regularity_evidence(1000.0, index) < 0


def test_where_only_the_day_is_known_its_hour_is_not_used() -> None:
    """A weekend speaks for a machine by the calendar's share over 3 %, a business day against it."""
    saturday, monday = (
        bundle([dated(certificate(tokyo(2025, 5, day, 12), 90)._replace(issued_at_s=None))], RULES) for day in (17, 19)
    )
    share = 124 / 365  # of non-business days in 2025
    assert calendar_evidence(saturday, RULES) == pytest.approx(math.log(share / 0.03))
    assert calendar_evidence(monday, RULES) == pytest.approx(math.log((1 - share) / 0.97))


def test_the_move_to_another_ca_is_a_persons_work() -> None:
    """Whether it was made by day or by night changes nothing about who renews from then on."""
    made = scenarios.moved_to_lets_encrypt()
    by_night = [
        each._replace(issued_at_s=(each.issued_at_s or 0) + 43200) if place == 3 else each
        for place, each in enumerate(made)
    ]
    (one,), (other,) = analyse(made[:6]), analyse(by_night[:6])
    assert one.switches == other.switches != ()
    assert one.automation.index == other.automation.index


def test_only_the_newest_validity_tells_the_regularity() -> None:
    """A person's leads of 397-day certificates do not blur those of the machine that renews 199-day ones since."""
    old = scenarios.by_hand(tokyo(2020, 9, 2), 397, [35, 5, 30, 8])
    last = old[-1]
    start = tokyo(2020, 1, 1) + timedelta(seconds=(last.issued_at_s or 0) - tokyo(2020, 1, 1).timestamp())
    new = [certificate(start + (380 + 180 * turn) * DAY, 199, issuer=DIGICERT) for turn in range(4)]
    (result,) = analyse([*old, *new])
    assert lead_dispersion(result.measured, 0, "up-to-200", RULES) == pytest.approx(0, abs=1e-6)
    assert (lead_dispersion(result.measured, 0, "up-to-47", RULES) or 0) > 1
    assert lead_dispersion(result.measured[:2], 0, "up-to-398", RULES) is None


def test_a_change_of_the_ca_is_known_once_the_old_certificate_has_expired() -> None:
    """Before that the old CA may issue again: the change is not counted."""
    made = [certificate(tokyo(2023, 1, 10), 90, issuer=DIGICERT), certificate(tokyo(2023, 3, 20), 90)]
    for end, changes in ((tokyo(2023, 4, 9), 0), (tokyo(2023, 4, 11), 1)):
        (result,) = analyse(made, covering(tokyo(2022, 1, 1), end))
        assert len(result.switches) == changes
