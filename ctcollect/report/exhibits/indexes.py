"""F5 and F9: what the classes are made of, the spread of the lead times and the automation index."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ctcollect.analysis.covered_days import ALL_TIMES
from ctcollect.analysis.grouped import Key
from ctcollect.analysis.groups import ALL
from ctcollect.report.estimates import summary_row
from ctcollect.report.exhibit import ORGANISATION_GROUPS, Exhibit, Source, season_warning, too_few, why_nothing

BINS_A_DECADE = 5
# Values are days to a hundredth: what is less is drawn there.
SMALLEST_DAYS = 0.01
INDEX_STEP = 5
PLACES = 6


def dispersion_figure(source: Source) -> Exhibit:
    """F5: the spread of the lead time of each name set (M5), logarithmic."""
    rows = list(_binned(source, "lead_dispersion_days", [ALL], _decade))
    index, say = source.rules.index, source.say
    return Exhibit(
        id="F5",
        name="lead-dispersion",
        title=say("Spread of the lead time of a name set"),
        columns=("group", "from_days", "lineages", "share", "n", "domains"),
        rows=rows,
        n=_n(source, "lead_dispersion_days"),
        unit="lineages",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "Days by which the lead times of one name set differ, of three renewals or more. The lines are the "
                "medians that the index takes machines ({machine} days) and people ({human} days) to have.",
                machine=index.machine_median_d,
                human=index.human_median_d,
            ),
            *season_warning(source),
        ],
        missing="" if rows else _missing(source, "lead_dispersion_days"),
        axes={"bins_a_decade": BINS_A_DECADE, "medians": (index.machine_median_d, index.human_median_d)},
    )


def index_figure(source: Source) -> Exhibit:
    """F9: the automation index (M10) by organisation type."""
    rows = list(_binned(source, "automation_index", ORGANISATION_GROUPS, _fifth))
    index, say = source.rules.index, source.say
    return Exhibit(
        id="F9",
        name="automation-index",
        title=say("Automation index, by organisation type"),
        columns=("group", "from_index", "lineages", "share", "n", "domains"),
        rows=rows,
        n=_n(source, "automation_index"),
        unit="lineages",
        coverage=source.aggregates.coverage.flag(),
        says=[
            say(
                "0 is a person, 100 a machine; each strip has the share of the name sets that could be classified, the "
                "lines are where manual ends ({manual}) and automated begins ({automated}).",
                manual=index.manual_until,
                automated=index.automated_from,
            ),
            *season_warning(source),
        ],
        missing="" if rows else _missing(source, "automation_index"),
        axes={"step": INDEX_STEP, "limits": (index.manual_until, index.automated_from)},
    )


def _decade(days: float) -> float:
    """The lower end of a fifth of a decade."""
    place = math.floor(math.log10(max(days, SMALLEST_DAYS)) * BINS_A_DECADE + 1e-9)
    return round(10 ** (place / BINS_A_DECADE), PLACES)


def _fifth(index: float) -> float:
    return min(int(index // INDEX_STEP) * INDEX_STEP, 100 - INDEX_STEP)


def _binned(
    source: Source, name: str, groups: Sequence[str], lower_end: Callable[[float], float]
) -> Iterator[tuple[Any, ...]]:
    """The groups that may be shown, bin by bin."""
    for group in groups:
        found = source.aggregates.distributions.of(Key(name, group, ALL_TIMES))
        if found is None or found.domains < source.rules.statistics.min_domains:
            continue
        bins: defaultdict[float, float] = defaultdict(float)
        for value, weight in sorted(found.weights.items()):
            bins[lower_end(value)] += weight
        whole = math.fsum(bins.values())
        for start, weight in sorted(bins.items()):
            yield group, start, round(weight, 3), round(weight / whole, PLACES), found.n, found.domains


def _n(source: Source, name: str) -> int:
    return summary_row(source, name, ALL).n or 0


def _missing(source: Source, name: str) -> str:
    is_hidden = summary_row(source, name, ALL).hidden
    return too_few(source) if is_hidden else why_nothing(source, source.say("automation"))
