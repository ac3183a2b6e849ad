"""The figures without one provider are those of a world in which it has no certificate."""

import pickle
from collections.abc import Iterable
from dataclasses import replace

import pytest

from ctcollect.analysis.aggregates import Aggregates
from ctcollect.analysis.covered_days import ALL_TIMES
from ctcollect.analysis.domain import analyse_domain
from ctcollect.analysis.groups import SHARED, groups_of
from ctcollect.analysis.issuance import Issuance
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.providers import Provider, automated_share_without, estimate_without, largest_providers
from tests.analysis import scenarios
from tests.analysis.making import ALWAYS, AMAZON, DIGICERT, GOOGLE, LETS_ENCRYPT, RULES, tokyo

FEW = replace(RULES, provider=replace(RULES.provider, largest=2, shared_from=3))
MEASURES = ("late", "classified_automated", "manual_over_47", "non_business")
SHARED_NAMES = ("a.jp", "b.co.jp", "c.co.jp")


def by_hand(domain: str, issuer: str) -> list[Issuance]:
    made = scenarios.by_hand(tokyo(2025, 1, 6), 90, [14, 26, -3, 20, 11, 24], issuer=issuer)
    return [each._replace(names=(domain,), registered_domains=(domain.removeprefix("www."),)) for each in made]


def world() -> dict[str, list[Issuance]]:
    """Domains of one CA, of two and of three, one with many certificates, and three that share one certificate."""
    start = tokyo(2028, 1, 10, 22)
    shared = scenarios.cron(start, 12, seed=9, names=SHARED_NAMES, issuer=GOOGLE)
    machines = {
        issuer: [scenarios.cron(start, 12, seed=seed, names=(name,), issuer=issuer) for seed, name in enumerate(names)]
        for issuer, names in {LETS_ENCRYPT: ("a.jp", "b.co.jp", "d.go.jp"), AMAZON: ("m.a.jp", "e.jp")}.items()
    }
    large = [
        one for n in range(8) for one in scenarios.cron(start, 12, seed=n, names=(f"u{n}.f.ne.jp",), issuer=GOOGLE)
    ]
    return {
        "a.jp": [*machines[LETS_ENCRYPT][0], *machines[AMAZON][0], *by_hand("www.a.jp", DIGICERT), *shared],
        "b.co.jp": [*machines[LETS_ENCRYPT][1], *by_hand("www.b.co.jp", DIGICERT), *shared],
        "c.co.jp": [*shared, *by_hand("c.co.jp", LETS_ENCRYPT)],
        "d.go.jp": machines[LETS_ENCRYPT][2],
        "e.jp": machines[AMAZON][1],
        "f.ne.jp": large,
    }


def results_of(domain: str, certificates: Iterable[Issuance]) -> list[LineageResult]:
    return analyse_domain(domain, certificates, ALWAYS, FEW)[0]


def without_provider(provider: Provider) -> Aggregates:
    """The world again, from nothing but the lineages that are not the provider's."""
    rest = Aggregates(ALWAYS, FEW)
    for domain, certificates in world().items():
        kept = [each for each in results_of(domain, certificates) if provider.group not in groups_of(each, FEW)]
        if kept and provider.name != domain:
            rest.add_domain(kept)
    return rest


@pytest.fixture(scope="module")
def whole() -> Aggregates:
    """Added in two halves that were pickled."""
    halves = [Aggregates(ALWAYS, FEW) for _ in range(2)]
    for number, (domain, certificates) in enumerate(world().items()):
        halves[number % 2].add_domain(results_of(domain, certificates))
    first, second = pickle.loads(pickle.dumps(halves))
    second.merge(first)
    return second


PROVIDERS = (
    Provider("ca", "Google Trust Services", 108),
    Provider("ca", "Internet Security Research Group", 43),
    Provider("ca", "DigiCert", 14),
    Provider("domain", "f.ne.jp", 96),
    Provider("domain", "a.jp", 35),
    Provider("sharing", SHARED, 12),
)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.group)
def test_as_if_the_provider_were_not_there(whole: Aggregates, provider: Provider) -> None:
    """Each count, share and voice of a domain is that of the lineages that are left, added up anew."""
    rest, season = without_provider(provider), whole.newest_season()
    for measure in MEASURES:
        for of_season in (ALL_TIMES, season):
            found, expected = (
                estimate_without(whole, provider, measure, of_season),
                rest.estimate(measure, season=of_season),
            )
            if expected is None:
                assert found is None
                continue
            assert found is not None
            for name in ("n", "domains", "numerator", "denominator", "value", "domain_value"):
                assert getattr(found, name) == getattr(expected, name), (measure, of_season, name)
    share, (middle,) = automated_share_without(whole, provider, season), rest.automated_shares(season=season)[1:2]
    assert share is not None
    assert (share[0].value, share[0].n, share[0].human_share) == (middle.value, middle.n, 0.03)


def test_the_largest_come_first(whole: Aggregates) -> None:
    """Two owners and two domains, by events; shared certificates last. Without any the figures are those of all."""
    expected = [PROVIDERS[0], PROVIDERS[1], PROVIDERS[3], PROVIDERS[4], PROVIDERS[5]]
    assert [each[:2] for each in largest_providers(whole)] == [each[:2] for each in expected]
    events = [each.events for each in largest_providers(whole)]
    assert events == [each.events for each in expected]
    assert estimate_without(whole, None, "late", ALL_TIMES) == whole.estimate("late")
