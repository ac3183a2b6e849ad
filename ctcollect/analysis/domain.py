"""One registered domain (L3): its lineages together, because a certificate of one name set may cover another's gap."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ctcollect.analysis.cover import DomainCover
from ctcollect.analysis.coverage import Coverage
from ctcollect.analysis.issuance import Issuance, in_order, unique, unusable_reason
from ctcollect.analysis.lineage import LineageResult, analyse_lineage
from ctcollect.analysis.rules import Rules


def analyse_domain(
    domain: str, certificates: Iterable[Issuance], coverage: Coverage, rules: Rules
) -> tuple[list[LineageResult], Counter[str]]:
    """The lineages of the certificates with a name in this domain, in order of their names; the unusable by reason."""
    usable, refused = sort_out(unique(certificates), rules)
    lineages = sorted(group_by_names(usable).values(), key=lambda each: each[0].names)
    cover = cover_of(domain, lineages)
    return list(analyse_lineages(lineages, cover, coverage, rules)), refused


def sort_out(certificates: Iterable[Issuance], rules: Rules) -> tuple[list[Issuance], Counter[str]]:
    """Those that enter a lineage, and how many do not, by the reason's id."""
    refused: Counter[str] = Counter()
    usable = []
    for each in certificates:
        reason = unusable_reason(each, rules)
        if reason is None:
            usable.append(each)
        else:
            refused[reason] += 1
    return usable, refused


def group_by_names(certificates: Iterable[Issuance]) -> dict[tuple[str, ...], list[Issuance]]:
    """By exact name set (L1)."""
    lineages = defaultdict(list)
    for each in certificates:
        lineages[each.names].append(each)
    return dict(lineages)


def cover_of(domain: str, lineages: Iterable[Sequence[Issuance]]) -> DomainCover:
    """The cover (L2) of a domain; a lineage's number is its place."""
    cover = DomainCover(domain)
    for number, each in enumerate(lineages):
        cover.add(number, each[0].names, in_order(each))
    return cover


def analyse_lineages(
    lineages: Iterable[Sequence[Issuance]], cover: DomainCover, coverage: Coverage, rules: Rules
) -> Iterator[LineageResult]:
    """Each lineage's result, one at a time, for a domain too large to hold; in the same order as for its cover."""
    for number, each in enumerate(lineages):
        yield analyse_lineage(each, coverage, rules, cover, number)
