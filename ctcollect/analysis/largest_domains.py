"""The registered domains with the most events, so that figures can be told without one of them."""

from typing import NamedTuple

from ctcollect.analysis.cells import Cluster

Clusters = dict[tuple[str, str], Cluster]  # by family and season, as Aggregates.cells has them


class LargeDomain(NamedTuple):
    """``events`` are weighted by 1 / domains of the name set; ``clusters``: what it adds to the figures."""

    domain: str
    events: float
    clusters: Clusters


class LargestDomains:
    """Holds no more than ``most``; which ones does not depend on the order of what was offered or merged."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: list[LargeDomain] = []

    def offer(self, domain: str, events: float, clusters: Clusters) -> None:
        """Take a domain with all its lineages; each once."""
        if len(self._held) < self._most or _order(domain, events) < _order(*self._held[-1][:2]):
            self._keep([*self._held, LargeDomain(domain, events, clusters)])

    def merge(self, other: "LargestDomains") -> None:
        """Take what another was offered; no domain may be in both."""
        self._keep([*self._held, *other._held])

    def _keep(self, domains: list[LargeDomain]) -> None:
        self._held = sorted(domains, key=lambda each: _order(each.domain, each.events))[: self._most]

    def domains(self) -> list[LargeDomain]:
        """The one with the most events first, equal ones by name."""
        return list(self._held)


def _order(domain: str, events: float) -> tuple[float, str]:
    return -events, domain
