"""Which names of one registered domain had a valid certificate when (L2), whatever name set it was in."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ctcollect.analysis.coverage import TimeSpan, union
from ctcollect.analysis.issuance import Dated


class NameCover(NamedTuple):
    """What one lineage gives one name: when its first certificate was issued, and the spans in which it was valid."""

    lineage: int
    first_issued_s: float
    spans: tuple[TimeSpan, ...]


def names_under(domain: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names whose registered domain this is."""
    below = f".{domain}"
    return tuple(name for name in names if name == domain or name.endswith(below))


class DomainCover:
    """All lineages of one registered domain, by name.

    Small, because a lineage that is renewed in time is one span: also a domain with a million certificates fits.
    """

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self._by_name: dict[str, list[NameCover]] = {}

    def add(self, lineage: int, names: Sequence[str], certificates: Sequence[Dated]) -> None:
        """Take a lineage, under a number of the caller's; its certificates are in order of issue, one at least."""
        spans = union((each.issued_s, float(each.end_s)) for each in certificates)
        cover = NameCover(lineage, certificates[0].issued_s, spans)
        for name in names_under(self.domain, names):
            self._by_name.setdefault(name, []).append(cover)

    def covers(self, names: Sequence[str], hole: TimeSpan, noise_s: float, lineage: int) -> bool:
        """Whether other lineages cover each of these names, those of this domain, over the whole hole."""
        own = names_under(self.domain, names)
        return bool(own) and all(self._is_covered(name, hole, noise_s, lineage) for name in own)

    def _is_covered(self, name: str, hole: TimeSpan, noise_s: float, lineage: int) -> bool:
        start, end = hole
        found = union((span for each in self._covering(name, lineage) for span in each.spans), noise_s)
        return any(first <= start + noise_s and last >= end - noise_s for first, last in found)

    def _covering(self, name: str, lineage: int) -> list[NameCover]:
        """Certificates for the very name, or for the wildcard that stands for exactly its first label."""
        wildcard = f"*.{name.partition('.')[2]}"
        candidates = self._by_name.get(name, [])
        if wildcard != name:
            candidates = candidates + self._by_name.get(wildcard, [])
        return [each for each in candidates if each.lineage != lineage]

    def has_successor(self, names: Sequence[str], start_s: float, end_s: float, lineage: int) -> bool:
        """Whether another lineage that shares one of these very names began in (start, end]."""
        return any(
            each.lineage != lineage and start_s < each.first_issued_s <= end_s
            for name in names_under(self.domain, names)
            for each in self._by_name.get(name, [])
        )
