"""T10: the automation index held against name sets of which it is known who renews them."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ctcollect.analysis.auc import Auc, auc
from ctcollect.analysis.cells import median_of_counts
from ctcollect.analysis.covered_days import ALL_TIMES
from ctcollect.analysis.distributions import Distribution
from ctcollect.analysis.grouped import Key
from ctcollect.analysis.groups import KNOWN_MACHINE, KNOWN_PERSON
from ctcollect.report.estimates import ends, rounded
from ctcollect.report.exhibit import Cell, Exhibit, Grid, Source, season_warning
from ctcollect.report.numbers import NOTHING, count, number

INDEX, SPREAD = "behaviour_index", "lead_dispersion_days"


class KnownRow(NamedTuple):
    """A line of T10: how often the index of one of ``machines`` is above that of one of ``persons``, both groups' ids.

    ``auc``: by the index without the validity; ``spread_auc``: by the spread of the lead time alone. The counts are
    registered domains with such an index, ``..._lineages`` name sets. Medians are of the index, over domains.
    """

    machines: str
    persons: str
    auc: float | None = None
    low: float | None = None
    high: float | None = None
    spread_auc: float | None = None
    spread_low: float | None = None
    spread_high: float | None = None
    machine_domains: int = 0
    person_domains: int = 0
    machine_lineages: int = 0
    person_lineages: int = 0
    machine_median: float | None = None
    person_median: float | None = None
    coverage: str = "none"
    hidden: bool = False


def known_group_table(source: Source) -> Exhibit:
    """T10: the area under the ROC curve, of all known groups and of each."""
    rules = source.rules
    pairs = [(KNOWN_MACHINE, KNOWN_PERSON)]
    pairs += [(f"known:{each.id}", KNOWN_PERSON) for each in rules.machine_groups]
    pairs += [(KNOWN_MACHINE, f"known:{each.id}") for each in rules.person_groups]
    rows = [_row(source, *pair) for pair in pairs]
    whole, say = rows[0], source.say
    head = [
        say("renewed by machine"), say("ordered by hand"), say("AUC of the index"), say("AUC of the spread alone"),
        say("median index, machines"), say("median index, people"),
    ]  # fmt: skip
    return Exhibit(
        id="T10",
        name="known-groups",
        title=say("The index and groups of which it is known who renews"),
        columns=KnownRow._fields,
        rows=rows,
        n=whole.machine_domains + whole.person_domains,
        unit="domains",
        coverage=source.aggregates.coverage.flag(),
        says=[*_about(source), *season_warning(source)],
        missing=_missing(source, whole),
        grid=Grid(head, [_cells(source, row) for row in rows]),
    )


def _row(source: Source, machines: str, persons: str) -> KnownRow:
    index = [_distribution(source, INDEX, group) for group in (machines, persons)]
    row = KnownRow(
        machines=machines.removeprefix("known:"),
        persons=persons.removeprefix("known:"),
        machine_domains=index[0].domains,
        person_domains=index[1].domains,
        machine_lineages=index[0].n,
        person_lineages=index[1].n,
        coverage=source.aggregates.coverage.flag(),
    )
    # A machine's spread is the smaller one.
    spreads = [_distribution(source, SPREAD, group) for group in (persons, machines)]
    by_index, by_spread = _auc(source, index), _auc(source, spreads)
    is_few = min(each.domains for each in index) < source.rules.statistics.min_domains
    if is_few or by_index is None or by_spread is None:
        return row._replace(hidden=any(each.domains for each in index))
    return _with_values(row, by_index, by_spread, [median_of_counts(_voices(each)) for each in index])


def _with_values(row: KnownRow, by_index: Auc, by_spread: Auc, medians: Sequence[float]) -> KnownRow:
    low, high = ends(by_index.interval)
    spread_low, spread_high = ends(by_spread.interval)
    return row._replace(
        auc=rounded(by_index.value),
        low=low,
        high=high,
        spread_auc=rounded(by_spread.value),
        spread_low=spread_low,
        spread_high=spread_high,
        machine_median=rounded(medians[0]),
        person_median=rounded(medians[1]),
    )


def _distribution(source: Source, name: str, group: str) -> Distribution:
    """An empty one where the group has nobody."""
    return source.aggregates.distributions.of(Key(name, group, ALL_TIMES)) or Distribution()


def _voices(found: Distribution) -> Counter[float]:
    """Of each registered domain the median of its name sets, counted by value."""
    return Counter({value: times for (value, _), times in found.domain_medians.items()})


def _auc(source: Source, groups: Sequence[Distribution]) -> Auc | None:
    """Of two groups, that with the higher values first."""
    positive, negative = map(_voices, groups)
    return auc(positive, negative, source.rules.statistics.confidence)


def _missing(source: Source, whole: KnownRow) -> str:
    if whole.auc is not None:
        return ""
    return source.say(
        "Nothing can be said of how well the index tells machines from people: in the known groups {machines} "
        "registered domains of machines and {persons} of people have renewals enough for an index, and {least} of each "
        "are needed.",
        machines=whole.machine_domains,
        persons=whole.person_domains,
        least=max(source.rules.statistics.min_domains, 1),
    )


def _about(source: Source) -> list[str]:
    say = source.say
    return [
        say(
            "AUC: the chance that the index of a registered domain known to be renewed by machine is higher than that "
            "of one known to order by hand; 1 tells them apart always, 0.5 never. A domain counts with the median of "
            "its name sets, the interval of 95% is Newcombe's. The newest certificate's CA, validation and validity "
            "decide who is in a group (rules machine_group and person_group below); therefore the index is taken "
            "without its prior of the validity."
        ),
        say(
            "No parameter was fitted to these domains: all of them are held out. The groups are not pure: some order "
            "at Let's Encrypt by hand, and a CA that vets orders in office hours makes its customers look like people. "
            "The spread of the lead time knows nothing of office hours."
        ),
    ]


def _cells(source: Source, row: KnownRow) -> list[Cell]:
    return [
        _group_cell(source, row.machines, row.machine_domains, row.machine_lineages),
        _group_cell(source, row.persons, row.person_domains, row.person_lineages),
        _auc_cell(row.auc, row.low, row.high),
        _auc_cell(row.spread_auc, row.spread_low, row.spread_high),
        Cell(number(row.machine_median)),
        Cell(number(row.person_median)),
    ]


def _group_cell(source: Source, group: str, domains: int, lineages: int) -> Cell:
    """Groups by their ids, which are those of the rules."""
    is_all = f"known:{group}" in (KNOWN_MACHINE, KNOWN_PERSON)
    name = source.say("all known groups") if is_all else group
    return Cell(name, [f"{count(domains)} D", source.say("{n} name sets", n=count(lineages))])


def _auc_cell(value: float | None, low: float | None, high: float | None) -> Cell:
    if value is None or low is None or high is None:
        return Cell(NOTHING)
    return Cell(f"{value:.3f}", [f"{low:.3f}–{high:.3f}"])
