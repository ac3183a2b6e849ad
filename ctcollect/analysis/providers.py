"""The headlines without one provider: do they hold for all, or for one hoster's cron?

Who serves a name cannot be read in its certificate. Three things can stand for it: the owner of the CA, a registered
domain below which a hoster keeps the names of its customers, and certificates that many registered domains share.
"""

from dataclasses import replace
from typing import Literal, NamedTuple

from ctcollect.analysis.aggregates import Aggregates
from ctcollect.analysis.cells import Cell, Estimate
from ctcollect.analysis.grouped import Groups, Key
from ctcollect.analysis.groups import ALL, SHARED, has, without
from ctcollect.analysis.measures import MEASURES
from ctcollect.analysis.population import AutomatedShare, automated_shares

Kind = Literal["ca", "domain", "sharing"]


class Provider(NamedTuple):
    """``name`` is the owner, the registered domain, or ``SHARED``. Events of several domains are shared among them."""

    kind: Kind
    name: str
    events: float

    @property
    def group(self) -> str:
        """The group of its lineages; a registered domain has none."""
        return SHARED if self.kind == "sharing" else f"{self.kind}:{self.name}"


def largest_providers(aggregates: Aggregates) -> list[Provider]:
    """The CAs' owners and the registered domains with the most events, then shared certificates where there are any."""
    owners = [
        Provider("ca", group.removeprefix("ca:"), _events(aggregates, group)) for group in aggregates.groups("ca")
    ]
    owners.sort(key=lambda each: (-each.events, each.name))
    domains = [Provider("domain", each.domain, each.events) for each in aggregates.largest.domains()]
    shared = [Provider("sharing", SHARED, _events(aggregates, group)) for group in aggregates.groups("sharing")]
    return [*owners[: aggregates.rules.provider.largest], *domains, *shared]


def _events(aggregates: Aggregates, group: str) -> int:
    return aggregates.tally(group).counts().get("events", 0)


def estimate_without(aggregates: Aggregates, provider: Provider | None, measure: str, season: str) -> Estimate | None:
    """A measure of all lineages but the provider's, if one is given; None when nothing is left to observe."""
    if provider is None:
        return aggregates.estimate(measure, ALL, season)
    cell = _rest(aggregates, provider, MEASURES[measure].family, season)
    key = Key(measure, without(provider.group), season)
    return cell.estimate(key, aggregates.coverage.flag(), aggregates.rules.statistics) if cell else None


def automated_share_without(
    aggregates: Aggregates, provider: Provider | None, season: str
) -> tuple[AutomatedShare, AutomatedShare] | None:
    """M9 with the middle one of the human shares, by event and by registered domain; None without events."""
    observed, calendar = (
        estimate_without(aggregates, provider, measure, season) for measure in ("non_business", "non_business_expected")
    )
    by_event = _middle(observed, calendar, aggregates)
    by_domain = _middle(_voices(observed), _voices(calendar), aggregates)
    return (by_event, by_domain) if by_event and by_domain else None


def _middle(observed: Estimate | None, calendar: Estimate | None, aggregates: Aggregates) -> AutomatedShare | None:
    shares = automated_shares(observed, calendar, aggregates.rules) if observed and calendar else []
    return shares[len(shares) // 2] if shares else None


def _voices(found: Estimate | None) -> Estimate | None:
    return found and replace(found, value=found.domain_value, bootstrap=found.domain_bootstrap)


def _rest(aggregates: Aggregates, provider: Provider, family: str, season: str) -> Cell | None:
    if provider.kind != "domain":
        return aggregates.cells.where(family, season, lambda groups: _is_rest(groups, provider.group))
    whole = aggregates.cells.of(Key(family, ALL, season))
    (large,) = [each for each in aggregates.largest.domains() if each.domain == provider.name]
    cluster = large.clusters.get((family, season))
    return whole.without(cluster) if whole and cluster else whole


def _is_rest(groups: Groups, provider: str) -> bool:
    """Whether a part holds all of a domain that has nothing of the provider, or a domain's lineages without it."""
    return without(provider) in groups or (ALL in groups and not {provider, has(provider)} & set(groups))
