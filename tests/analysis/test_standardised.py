"""Rates of CAs at the same mix of organisation types: by hand, and where customers are all the difference."""

from collections import Counter
from dataclasses import replace

import pytest

from ctcollect.analysis.aggregates import Aggregates
from ctcollect.analysis.domain import analyse_domain
from ctcollect.analysis.rules import Rules
from ctcollect.analysis.standardised import Standardiser, standardised
from tests.analysis import scenarios
from tests.analysis.making import ALWAYS, DIGICERT, LETS_ENCRYPT, RULES, tokyo

FEW = replace(RULES, statistics=replace(RULES.statistics, min_domains=3))


def domains(yes: int, no: int) -> Counter[tuple[float, float]]:
    """So many domains of one observation each, with and without."""
    return Counter({(1.0, 1.0): yes, (0.0, 1.0): no})


def test_weights_are_the_standards() -> None:
    """0.2 * 0.5 + 0.8 * 0.1, whatever mix the CA has; the interval is that of the weighted sum."""
    everybody = {"go": domains(100, 100), "co": domains(80, 720)}
    found = standardised({"go": domains(200, 200), "co": domains(10, 90)}, everybody, "x", RULES)
    assert found is not None
    assert found.value == pytest.approx(0.18)
    assert found.of_all == pytest.approx(180 / 1000)
    assert (found.covered, found.types, found.left_out) == (1, ("go", "co"), ())
    half = 1.96 * (0.2**2 * 0.25 / 400 + 0.8**2 * 0.09 / 100) ** 0.5
    assert found.interval == pytest.approx((0.18 - half, 0.18 + half), abs=0.006)


def test_types_with_few_domains_are_left_out() -> None:
    """The others make up 0.7 of the standard and stand for all of it; of all CAs the same types are taken."""
    everybody = {"go": domains(60, 140), "co": domains(100, 400), "ac": domains(300, 0)}
    found = standardised({"go": domains(20, 20), "co": domains(30, 30), "ac": domains(29, 0)}, everybody, "x", RULES)
    assert found is not None
    assert found.value == pytest.approx(0.5)
    assert found.of_all == pytest.approx(160 / 700)
    assert (found.covered, found.types, found.left_out, found.is_enough) == (0.7, ("go", "co"), ("ac",), True)
    little = standardised({"go": domains(20, 20)}, everybody, "x", RULES)
    assert little is not None
    assert (little.covered, little.is_enough) == (0.2, False)
    assert standardised({"go": domains(10, 10)}, everybody, "x", RULES) is None


def test_where_all_domains_are_alike_the_interval_still_has_a_width() -> None:
    """Of none among 40 and none among 40, at equal weights: Wilson's of none among 80."""
    everybody = {"go": domains(50, 50), "co": domains(50, 50)}
    found = standardised({"go": domains(0, 40), "co": domains(0, 40)}, everybody, "x", RULES)
    assert found is not None
    assert found.interval == pytest.approx((0, 0.0458), abs=1e-4)


def mixed_customers(rules: Rules) -> Aggregates:
    """Universities renew by machine and companies by hand at both CAs, which differ in nothing but their customers."""
    aggregates = Aggregates(ALWAYS, rules)
    for issuer, universities, companies in ((LETS_ENCRYPT, 9, 3), (DIGICERT, 3, 9)):
        for number in range(universities):
            domain, start = f"{issuer[0]}{number}.ac.jp".lower(), tokyo(2021, 10, 1 + number)
            made = scenarios.cron(start, 12, seed=number, names=(domain,), issuer=issuer)
            aggregates.add_domain(*analyse_domain(domain, made, ALWAYS, rules))
        for number in range(companies):
            domain, start = f"{issuer[0]}{number}.co.jp".lower(), tokyo(2021, 10, 1 + number)
            made = scenarios.by_hand(start, 90, [14, 26, 6, 20, 11, 24], seed=number, issuer=issuer)
            renamed = [each._replace(names=(domain,), registered_domains=(domain,)) for each in made]
            aggregates.add_domain(*analyse_domain(domain, renamed, ALWAYS, rules))
    return aggregates


def test_cas_that_differ_by_their_customers_alone_are_equal() -> None:
    """The raw rates are 0.75 and 0.25, the standardised ones the same, which is that of all."""
    aggregates = mixed_customers(FEW)
    standardiser = Standardiser(aggregates, "behaviour_automated")
    owners = {"Internet Security Research Group": 0.75, "DigiCert": 0.25}
    for owner, raw in owners.items():
        estimate, rates = aggregates.estimate("behaviour_automated", f"ca:{owner}"), standardiser.rates(owner)
        assert estimate is not None
        assert rates is not None
        assert estimate.value == raw
        for rate in rates:
            assert rate.value == rate.of_all == 0.5
            assert (rate.covered, rate.types) == (1, ("ac", "co"))
    assert Standardiser(aggregates, "behaviour_automated").rates("nobody") is None
