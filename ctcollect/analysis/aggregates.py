"""All lineages added up, one registered domain after another. Two halves of the domains, added apart, merge."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from ctcollect.analysis.capture import Capture
from ctcollect.analysis.cells import PLACES, Cell, Estimate, cluster_of, median_of_counts
from ctcollect.analysis.coverage import Coverage
from ctcollect.analysis.covered_days import ALL_TIMES, CoveredDays
from ctcollect.analysis.distributions import Distribution, Summary
from ctcollect.analysis.domain_sums import Part, by_group
from ctcollect.analysis.grouped import Grouped, Groups, Key
from ctcollect.analysis.groups import ALL, WITHOUT, groups_of
from ctcollect.analysis.holiday_risk import HolidayRisk, holiday_risk
from ctcollect.analysis.largest_domains import Clusters, LargestDomains
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.measures import MEASURES, vectors_of
from ctcollect.analysis.population import AutomatedShare, automated_shares, weekend_evenness
from ctcollect.analysis.rules import Rules
from ctcollect.analysis.tally import Tally, counted


class Aggregates:
    """Give it each registered domain once (``add_domain``), then ask. Pickles, so that processes can share the work.

    ``cells`` and ``distributions`` are weighted, ``tallies`` plain counts; ``refused`` are the certificates that
    entered no lineage, by reason and once for each of their domains.
    """

    def __init__(self, coverage: Coverage, rules: Rules) -> None:
        self.coverage = coverage
        self.rules = rules
        self.covered_days = CoveredDays(coverage)
        self.cells = Grouped(Cell)
        self.distributions = Grouped(Distribution)
        self.tallies = Grouped(Tally)
        self.capture = Capture()
        self.largest = LargestDomains(rules.provider.largest)
        self.refused: Counter[str] = Counter()

    def add_domain(self, results: Iterable[LineageResult], refused: Counter[str] | None = None) -> None:
        """Take all lineages of one registered domain, and the reasons why certificates of it were not used."""
        parts: dict[Groups, Part] = defaultdict(Part)
        domain, events = "", 0.0
        for result in results:
            domain, events = result.registered_domain, events + len(result.events) * result.weight
            groups = groups_of(result, self.rules)
            parts[groups].add(result, vectors_of(result, self.covered_days, self.rules))
            if result.is_primary:
                self._add_primary(result, groups)
        for names, part in by_group(parts):
            clusters = self._close(names, part)
            if ALL in names:
                self.largest.offer(domain, round(events, PLACES), clusters)
        self.refused.update(refused or {})

    def _add_primary(self, result: LineageResult, groups: Groups) -> None:
        """What is counted once however many domains a name set has."""
        self.tallies.part("", ALL_TIMES, groups).update(counted(result, self.rules))
        for each in result.certificates:
            self.capture.add(each.issuance, each.issued_s, self.coverage.log_ids)

    def _close(self, groups: Groups, part: Part) -> Clusters:
        """Make a domain's sums one cluster of each of these groups."""
        clusters = {name: cluster_of(name[0], lineages) for name, lineages in part.vectors.items()}
        for (family, season), cluster in clusters.items():
            self.cells.part(family, season, groups)[cluster] += 1
        if all(name.startswith(WITHOUT) for name in groups):
            return clusters  # nobody asks for more of them
        for (name, season), spread in part.spreads.items():
            middle = median_of_counts(spread.lineage_medians)
            self.distributions.part(name, season, groups).add(spread.n, spread.weights, middle)
        return clusters

    def merge(self, other: "Aggregates") -> None:
        """Take what another was given; no registered domain may be in both."""
        self.cells.merge(other.cells)
        self.distributions.merge(other.distributions)
        self.tallies.merge(other.tallies)
        self.capture.merge(other.capture)
        self.largest.merge(other.largest)
        self.refused.update(other.refused)

    def estimate(self, measure: str, group: str = ALL, season: str = ALL_TIMES) -> Estimate | None:
        """A share or mean (``measures.MEASURES``) with all that belongs to it; None when there is no observation."""
        cell = self.cells.of(Key(MEASURES[measure].family, group, season))
        kind, _, value = group.partition(":")
        flag = self.coverage.flag(value if kind == "validity" else None)
        return cell.estimate(Key(measure, group, season), flag, self.rules.statistics) if cell else None

    def summary(self, name: str, group: str = ALL, season: str = ALL_TIMES) -> Summary | None:
        """Median, quartiles and intervals of a distribution; None when it is empty."""
        found = self.distributions.of(Key(name, group, season))
        return found.summary(Key(name, group, season), self.rules.statistics) if found else None

    def automated_shares(self, group: str = ALL, season: str = ALL_TIMES) -> list[AutomatedShare]:
        """The population estimator (M9) for each human share; empty without events on covered days."""
        observed, calendar = self._calendar(group, season)
        return automated_shares(observed, calendar, self.rules) if observed and calendar else []

    def weekend_evenness(self, group: str = ALL, season: str = ALL_TIMES) -> float | None:
        """WEI (M8); None where the calendar has one kind of day only."""
        observed, calendar = self._calendar(group, season)
        return weekend_evenness(observed, calendar) if observed and calendar else None

    def holiday_risk(self, group: str = ALL) -> HolidayRisk | None:
        """M14; None without covered days."""
        calendar = self.estimate("non_business_expected", group)
        return holiday_risk(self.tally(group).late_expiries(), calendar.value, self.rules) if calendar else None

    def tally(self, group: str = ALL) -> Tally:
        """The plain counts of a group; empty when it has no primary lineage."""
        return self.tallies.of(Key("", group, ALL_TIMES)) or Tally()

    def domains(self, group: str = ALL) -> int:
        """How many registered domains have a lineage in the group."""
        cell = self.cells.of(Key("classes", group, ALL_TIMES))
        return cell.total() if cell else 0

    def groups(self, kind: str) -> list[str]:
        """The groups of one kind ("organisation", "ca", "validation", "validity", "overlay") that have a lineage."""
        found = {key.group for key in self.cells.held() if key.group.startswith(f"{kind}:")}
        return sorted(found)

    def seasons(self) -> list[str]:
        """The seasons with an event on a covered day, in order."""
        return sorted({key.season for key in self.cells.held() if key.name == "calendar" and key.season})

    def newest_season(self) -> str:
        """The last of ``seasons``; all times where there is none."""
        return (self.seasons() or [ALL_TIMES])[-1]

    def _calendar(self, group: str, season: str) -> tuple[Estimate | None, Estimate | None]:
        return self.estimate("non_business", group, season), self.estimate("non_business_expected", group, season)
