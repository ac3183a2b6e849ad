"""All lineages added up, one registered domain after another. Two halves of the domains, added apart, merge."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from ctcollect.analysis.capture import Capture
from ctcollect.analysis.cells import Cell, Estimate
from ctcollect.analysis.coverage import Coverage
from ctcollect.analysis.covered_days import ALL_TIMES, CoveredDays
from ctcollect.analysis.distributions import Distribution, Summary
from ctcollect.analysis.domain_sums import DomainSums, Key, median_of_counts
from ctcollect.analysis.groups import ALL, groups_of
from ctcollect.analysis.holiday_risk import HolidayRisk, holiday_risk
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.measures import NO_COUNTS, parts_of
from ctcollect.analysis.population import AutomatedShare, automated_shares, weekend_evenness
from ctcollect.analysis.rules import Rules
from ctcollect.analysis.tally import Tally, tally_of


class Aggregates:
    """Give it each registered domain once (``add_domain``), then ask. Pickles, so that processes can share the work.

    ``cells`` and ``distributions`` by key, weighted; ``tallies`` by group, plain counts; ``refused`` the certificates
    that entered no lineage, by reason and once for each of their domains.
    """

    def __init__(self, coverage: Coverage, rules: Rules) -> None:
        self.coverage = coverage
        self.rules = rules
        self.covered_days = CoveredDays(coverage)
        self.cells: dict[Key, Cell] = defaultdict(Cell)
        self.distributions: dict[Key, Distribution] = defaultdict(Distribution)
        self.tallies: dict[str, Tally] = defaultdict(Tally)
        self.capture = Capture()
        self.refused: Counter[str] = Counter()

    def add_domain(self, results: Iterable[LineageResult], refused: Counter[str] | None = None) -> None:
        """Take all lineages of one registered domain, and the reasons why certificates of it were not used."""
        domain, domain_groups = DomainSums(), set()
        for result in results:
            groups = groups_of(result, self.rules)
            domain_groups.update(groups)
            domain.add(result, parts_of(result, self.covered_days, self.rules), groups)
            if result.is_primary:
                self._add_primary(result, groups)
        for group in domain_groups:
            self.tallies[group].counts["domains"] += 1
        self._close(domain)
        self.refused.update(refused or {})

    def _add_primary(self, result: LineageResult, groups: Iterable[str]) -> None:
        """What is counted once however many domains a name set has."""
        tally = tally_of(result, self.rules)
        for group in groups:
            self.tallies[group].merge(tally)
        for each in result.certificates:
            self.capture.add(each.issuance, each.issued_s, self.coverage.log_ids)

    def _close(self, domain: DomainSums) -> None:
        """Make the domain's sums one cluster."""
        for key, total in domain.sums.items():
            self.cells[key].add(total.n, total.numerator, total.denominator, median_of_counts(total.lineage_values))
        for key, spread in domain.spreads.items():
            self.distributions[key].add(spread.n, spread.weights, median_of_counts(spread.lineage_medians))

    def merge(self, other: "Aggregates") -> None:
        """Take what another was given; no registered domain may be in both."""
        for key, cell in other.cells.items():
            self.cells[key].merge(cell)
        for key, distribution in other.distributions.items():
            self.distributions[key].merge(distribution)
        for group, tally in other.tallies.items():
            self.tallies[group].merge(tally)
        self.capture.merge(other.capture)
        self.refused.update(other.refused)

    def estimate(self, measure: str, group: str = ALL, season: str = ALL_TIMES) -> Estimate | None:
        """A share or mean with all that belongs to it; None when there is no observation."""
        cell = self.cells.get(Key(measure, group, season))
        if cell is None:
            return None
        kind, _, value = group.partition(":")
        flag = self.coverage.flag(value if kind == "validity" else None)
        is_share = NO_COUNTS.fullmatch(measure) is None
        return cell.estimate(measure, group, season, flag, self.rules.statistics, is_share)

    def summary(self, name: str, group: str = ALL, season: str = ALL_TIMES) -> Summary | None:
        """Median, quartiles and intervals of a distribution; None when it is empty."""
        found = self.distributions.get(Key(name, group, season))
        return found.summary(name, group, season, self.rules.statistics) if found else None

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
        tally = self.tallies.get(group)
        return holiday_risk(tally.late_expiries, calendar.value, self.rules) if tally and calendar else None

    def groups(self, kind: str) -> list[str]:
        """The groups of one kind ("organisation", "ca", "validation", "validity") that have a lineage, in order."""
        return sorted(group for group in self.tallies if group.startswith(f"{kind}:"))

    def _calendar(self, group: str, season: str) -> tuple[Estimate | None, Estimate | None]:
        return self.estimate("non_business", group, season), self.estimate("non_business_expected", group, season)
