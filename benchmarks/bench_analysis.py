"""How right the analysis is: simulated domains whose truth is known, seen whole, with missing records, by season.

``python -m benchmarks.bench_analysis --write`` puts its tables into docs/analysis.md.
"""

import argparse
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from benchmarks.common import machine_line, markdown_table, write_between_markers
from benchmarks.simulated_domains import BEHAVIOURS, END_S, START_S, Issued, SimulatedDomain, Truth, simulated_domains
from ctcollect.analysis.aggregates import Aggregates
from ctcollect.analysis.auc import Auc, auc
from ctcollect.analysis.automation import AUTOMATION_CLASSES
from ctcollect.analysis.cells import Estimate
from ctcollect.analysis.coverage import Coverage, LogCoverage
from ctcollect.analysis.domain import analyse_domain
from ctcollect.analysis.groups import KNOWN_MACHINE, KNOWN_PERSON, groups_of
from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.rules import Rules, default_rules
from ctcollect.analysis.sensitivity import flips, variants
from ctcollect.seasons import season

PAGE = Path(__file__).parents[1] / "docs" / "analysis.md"
DOMAINS, SEED = 20_000, 7
VARIED_EACH = 10  # of so many domains one is classified with changed parameters too
TRUTHS: tuple[Truth, ...] = ("automated", "manual")
SEASONS = range(2021, 2026)
WHOLE = ((START_S, END_S),)
BY_SEASON = tuple((season(year).start.timestamp(), season(year).end.timestamp()) for year in SEASONS)


@dataclass(frozen=True, slots=True)
class View:
    """How the simulated world is seen: which share of its certificates has a record, when anything was collected."""

    name: str
    capture: float
    spans: tuple[tuple[float, float], ...]

    def sees(self, issued: Issued, chance: random.Random) -> bool:
        at_s = issued.issuance.issued_at_s or 0.0
        # The draw comes first, so that a certificate's luck does not depend on the spans.
        return chance.random() < self.capture and any(start <= at_s < end for start, end in self.spans)


VIEWS = (
    View("everything", 1.0, WHOLE),
    View("95 % of records", 0.95, WHOLE),
    View("80 % of records", 0.80, WHOLE),
    View("60 % of records", 0.60, WHOLE),
    View("seasons only", 1.0, BY_SEASON),
    View("seasons only, 95 %", 0.95, BY_SEASON),
)


@dataclass(slots=True)
class Score:
    """What one view's results are worth against the truth; ``false_late`` came in time or had a record missing."""

    aggregates: Aggregates
    certificates: int = 0
    seconds: float = 0.0
    classes: Counter[tuple[str, str]] = field(default_factory=Counter)
    behaviours: Counter[tuple[str, str]] = field(default_factory=Counter)
    false_late: int = 0
    found_late: int = 0
    true_late: int = 0
    naive_false: int = 0
    naive_pairs: int = 0
    flips: Counter[tuple[str, str]] = field(default_factory=Counter)
    varied: int = 0
    indexes: dict[tuple[str, str], Counter[float]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, domain: SimulatedDomain, seen: Sequence[Issued], results: Sequence[LineageResult]) -> None:
        """Compare one domain's results with its truth."""
        late = {each.issuance.identity for each in seen if each.is_late}
        self.true_late += len(late)
        self._add_naive(seen, late)
        for result in results:
            self.classes[domain.truth, result.automation_class] += 1
            self.behaviours[domain.behaviour, result.automation_class] += 1
            self._add_late(result, late)
            self._add_indexes(domain.truth, result)

    def _add_indexes(self, truth: Truth, result: LineageResult) -> None:
        """Of a name set that has an index: by the truth, and by what a known group takes for it."""
        found = result.automation
        if found.index is None or found.behaviour_index is None or found.lead_dispersion_days is None:
            return
        # A machine's spread is the smaller one.
        values = {"index": found.index, "behaviour": found.behaviour_index, "spread": -found.lead_dispersion_days}
        for name, value in values.items():
            self.indexes[name, truth][value] += 1
        for group in {KNOWN_MACHINE, KNOWN_PERSON} & set(groups_of(result, self.aggregates.rules)):
            self.indexes["behaviour", group][found.behaviour_index] += 1

    def _add_naive(self, seen: Sequence[Issued], late: set[str]) -> None:
        """What LAG(not_before) OVER (PARTITION BY domain) would call late."""
        ordered = sorted((each.issuance for each in seen), key=lambda each: each.not_before_s or 0)
        for earlier, later in pairwise(ordered):
            is_gap = (later.not_before_s or 0) > (earlier.not_after_s or 0)
            self.naive_pairs += 1
            self.naive_false += is_gap and later.identity not in late

    def _add_late(self, result: LineageResult, late: set[str]) -> None:
        by_start = {each.issued_s: each.issuance.identity for each in result.certificates}
        for gap in result.gaps:
            if gap.kind == "late":
                is_true = by_start[result.events[gap.successor].issued_s] in late
                self.found_late += is_true
                self.false_late += not is_true


def score(view: View, domains: Iterable[SimulatedDomain], rules: Rules) -> Score:
    """Everything measured under one view."""
    coverage = Coverage([LogCoverage("log-a", None, None, view.spans)], rules)
    result = Score(Aggregates(coverage, rules))
    chance = random.Random(f"{SEED} {view.capture}")
    for domain in domains:
        seen = [each for each in domain.issued if view.sees(each, chance)]
        if not seen:
            continue
        started = time.process_time()
        lineages, refused = analyse_domain(domain.domain, [each.issuance for each in seen], coverage, rules)
        result.aggregates.add_domain(lineages, refused)
        result.seconds += time.process_time() - started
        result.certificates += len(seen)
        result.add(domain, seen, lineages)
    return result


def vary(whole: Score, domains: Iterable[SimulatedDomain], rules: Rules) -> None:
    """Classify some of the domains again, each time with one parameter changed."""
    coverage, changed = whole.aggregates.coverage, variants(rules)
    for domain in domains:
        results, _ = analyse_domain(domain.domain, [each.issuance for each in domain.issued], coverage, rules)
        whole.flips.update(flips(results, changed))
        whole.varied += len(results)


def class_table(scores: dict[str, Score]) -> str:
    """The confusion matrix of each view."""
    head = ["seen", "truth", *AUTOMATION_CLASSES, "right among automated and manual"]
    rows = []
    for name, each in scores.items():
        for truth in TRUTHS:
            counts = [each.classes[truth, found] for found in AUTOMATION_CLASSES]
            decided = each.classes[truth, "automated"] + each.classes[truth, "manual"]
            right = f"{each.classes[truth, truth] / decided:.2%}" if decided else "none decided"
            rows.append([name, truth, *(f"{count:,}" for count in counts), right])
    return markdown_table(head, rows)


def behaviour_table(whole: Score) -> str:
    """Where all is seen: the classes of each behaviour."""
    rows = [
        [name, truth, *(f"{whole.behaviours[name, found]:,}" for found in AUTOMATION_CLASSES)]
        for name, (_, truth, _) in BEHAVIOURS.items()
    ]
    return markdown_table(["behaviour", "truth", *AUTOMATION_CLASSES], rows)


def auc_table(scores: dict[str, Score]) -> str:
    """The area under the ROC curve of each view, with its interval and how many name sets of machines and people."""
    head = [
        "seen", "index", "without the validity", "spread of the lead alone", "without the validity, known groups",
        "name sets", "in known groups",
    ]  # fmt: skip
    rows = []
    for name, each in scores.items():
        found = [_area(each, kind, *TRUTHS) for kind in ("index", "behaviour", "spread")]
        known = _area(each, "behaviour", KNOWN_MACHINE, KNOWN_PERSON)
        rows.append([name, *map(_shown, [*found, known]), _sizes(found[0]), _sizes(known)])
    return markdown_table(head, rows)


def _area(score: Score, kind: str, machines: str, people: str) -> Auc | None:
    confidence = score.aggregates.rules.statistics.confidence
    return auc(score.indexes[kind, machines], score.indexes[kind, people], confidence)


def _shown(found: Auc | None) -> str:
    return f"{found.value:.4f} ({found.interval[0]:.4f}-{found.interval[1]:.4f})" if found else "nobody to compare"


def _sizes(found: Auc | None) -> str:
    return f"{found.positives:,} and {found.negatives:,}" if found else ""


def late_table(scores: dict[str, Score]) -> str:
    """False late renewals, by the naive way and by ours; how many of the true ones were found; the late rate."""
    head = ["seen", "false late, naive", "false late", "false late, count", "true late found", "late rate, 95 %"]
    rows = []
    for name, each in scores.items():
        rate = each.aggregates.estimate("late")
        at_risk = rate.denominator if rate else 0
        rows.append(
            [
                name,
                f"{each.naive_false / each.naive_pairs:.2%}",
                f"{each.false_late / at_risk:.3%}" if at_risk else "none at risk",
                f"{each.false_late:,}",
                f"{each.found_late:,} of {each.true_late:,}",
                _with_interval(rate),
            ]
        )
    return markdown_table(head, rows)


def _with_interval(rate: Estimate | None) -> str:
    if rate is None or rate.bootstrap is None:
        return ""
    low, high = rate.bootstrap
    return f"{rate.value:.2%} ({low:.2%}-{high:.2%})"


def true_shares(domains: Iterable[SimulatedDomain]) -> dict[int, float]:
    """By season, the share of issuances that a machine made; two keys at one moment are one."""
    counts: Counter[tuple[int, Truth]] = Counter()
    for domain in domains:
        for at_s, by in {(each.issuance.issued_at_s or 0.0, each.by) for each in domain.issued}:
            for year, (start, end) in zip(SEASONS, BY_SEASON, strict=True):
                counts[year, by] += start <= at_s < end
    return {year: counts[year, "automated"] / sum(counts[year, truth] for truth in TRUTHS) for year in SEASONS}


def population_table(scores: dict[str, Score], truth: dict[int, float]) -> str:
    """The calendar estimator of each season, with people on 3 % of non-business days, less the truth."""
    head = ["seen", *(f"{year}-{year + 1}" for year in SEASONS)]
    rows = [["truth: issued for a machine", *(f"{truth[year]:.3f}" for year in SEASONS)]]
    for name, each in scores.items():
        shares = [_at_three_percent(each.aggregates, str(year)) for year in SEASONS]
        rows.append([name, *(f"{share - truth[year]:+.3f}" for share, year in zip(shares, SEASONS, strict=True))])
    return markdown_table(head, rows)


def _at_three_percent(aggregates: Aggregates, year: str) -> float:
    return next(each.value for each in aggregates.automated_shares("all", year) if each.human_share == 0.03)


def sensitivity_table(whole: Score) -> str:
    """Where all is seen: the share of lineages that change their class with one parameter."""
    rows = [[f"`{name}` {text}", f"{count / whole.varied:.2%}"] for (name, text), count in whole.flips.items()]
    return markdown_table(["instead", f"of {whole.varied:,} lineages change their class"], rows)


def report(domains: Sequence[SimulatedDomain]) -> str:
    rules = default_rules()
    scores = {view.name: score(view, domains, rules) for view in VIEWS}
    whole = scores["everything"]
    vary(whole, domains[::VARIED_EACH], rules)
    speed = whole.certificates / whole.seconds
    parts = [
        f"Measured on {machine_line()}; {len(domains):,} domains, {whole.certificates:,} certificates, rules "
        f"{rules.sha256[:12]}, {speed:,.0f} certificates a CPU second.",
        class_table(scores),
        behaviour_table(whole),
        sensitivity_table(whole),
        late_table(scores),
        auc_table(scores),
        population_table(scores, true_shares(domains)),
    ]
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--domains", type=int, default=DOMAINS)
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.name}")
    options = parser.parse_args()
    text = report(list(simulated_domains(options.domains, SEED)))
    print(text)
    if options.write:
        write_between_markers(PAGE, "bench_analysis", text)


if __name__ == "__main__":
    main()
