"""F2, F3, F4 and F6: how values are spread."""

from collections import defaultdict
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ctcollect.analysis.groups import ALL
from ctcollect.report.exhibit import Exhibit
from ctcollect.report.labels import group_label, season_label
from ctcollect.report.language import Language
from ctcollect.report.plots.style import colour, new_axes, new_figure

Records = list[dict[str, Any]]
STRIP_INCHES = 1.15
LONGEST_SHOWN_DAYS = 430
LIMIT_COLOUR = "#b2182b"
MOST_ELAPSED = 1.3


def by(records: Records, column: str) -> dict[str, Records]:
    """The records by the values of a column, in their order."""
    found: dict[str, Records] = defaultdict(list)
    for each in records:
        found[each[column]].append(each)
    return dict(found)


def line_of(group: str, place: int) -> dict[str, Any]:
    """All is black and thick, the others have their colours."""
    return {"color": "black", "linewidth": 2.2} if group == ALL else {"color": colour(place), "linewidth": 1.3}


def draw_validity(exhibit: Exhibit, say: Language) -> Figure:
    """F2: a strip a season."""
    seasons = by(exhibit.records(), "season")
    figure = new_figure(1.2 + STRIP_INCHES * len(seasons))
    strips = figure.subplots(len(seasons), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (season, records) in zip(strips, seasons.items(), strict=True):
        days = [min(each["validity_days"], LONGEST_SHOWN_DAYS) for each in records]
        axes.bar(days, [each["share"] for each in records], width=3, color=colour(0))
        for limit in exhibit.axes["limits"]:
            axes.axvline(limit, color=LIMIT_COLOUR, linewidth=0.8, linestyle="--")
        axes.set_title(season_label(season, say), loc="left")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    strips[-1].set_xlim(0, LONGEST_SHOWN_DAYS + 5)
    strips[-1].set_xticks(sorted({0, 300, *exhibit.axes["limits"]}))
    strips[-1].set_xlabel(say("validity, days ({days} and more are drawn at {days})", days=LONGEST_SHOWN_DAYS))
    return figure


def draw_intervals(exhibit: Exhibit, say: Language) -> Figure:
    """F3: measured above, censored hatched; what can't be seen is shaded."""
    figure, axes = new_axes()
    width = exhibit.axes["bin_days"]
    labels = {"measured": say("measured"), "censored": say("censored: no interval")}
    looks: dict[str, dict[str, Any]] = {
        "measured": {"color": colour(0)},
        "censored": {"facecolor": "none", "edgecolor": colour(1), "hatch": "////"},
    }
    for status, records in by(exhibit.records(), "status").items():
        starts = [each["interval_from_days"] for each in records]
        heights = [each["intervals"] for each in records]
        axes.bar(starts, heights, width=width, align="edge", label=labels[status], **looks[status])
    if exhibit.axes["unseen"]:
        axes.axvspan(*exhibit.axes["unseen"], color="#dddddd", alpha=0.6, zorder=0, label=say("can't be seen"))
    axes.set_xlim(left=0)
    axes.set_xlabel(say("interval, days"))
    axes.set_ylabel(say("intervals"))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.legend()
    return figure


def draw_elapsed(exhibit: Exhibit, say: Language) -> Figure:
    """F4: a curve an organisation type."""
    figure, axes = new_axes(4.8)
    axes.axvspan(*exhibit.axes["two_thirds"], color="#f0e442", alpha=0.5, zorder=0, label=say("two thirds"))
    axes.axvline(1, color=LIMIT_COLOUR, linewidth=0.8, linestyle="--", label=say("expiry"))
    for place, (group, records) in enumerate(by(exhibit.records(), "group").items()):
        label = say("{group} (n {n}, D {domains})", group=group_label(group, say), **_counts(records))
        steps = [each["elapsed"] for each in records], [each["share_at_or_below"] for each in records]
        axes.step(*steps, where="post", label=label, **line_of(group, place))
    axes.set_xlim(0, MOST_ELAPSED)
    axes.set_ylim(0, 1)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel(say("used share of the validity"))
    axes.set_ylabel(say("renewals at or below"))
    axes.legend(fontsize=8, loc="upper left")
    return figure


def _counts(records: Records) -> dict[str, str]:
    return {name: f"{records[0][name]:,}" for name in ("n", "domains")}


def draw_survival(exhibit: Exhibit, say: Language) -> Figure:
    """F6: a falling curve an organisation type, with the interval of all."""
    figure, axes = new_axes(4.8)
    soonest = min(each["days"] for each in exhibit.records())
    for limit in exhibit.axes["limits"]:
        axes.axvline(limit, color=LIMIT_COLOUR, linewidth=0.8, linestyle="--")
    for place, (group, records) in enumerate(by(exhibit.records(), "group").items()):
        days = [soonest, *(each["days"] for each in records)]
        label = say("{group} (n {n})", group=group_label(group, say), n=f"{records[0]['n']:,}")
        values = [1.0, *(each["not_renewed_share"] for each in records)]
        axes.step(days, values, where="post", label=label, **line_of(group, place))
        if group == ALL:
            low, high = ([1.0, *(each[name] for each in records)] for name in ("low", "high"))
            axes.fill_between(days, low, high, step="post", color="#bbbbbb", alpha=0.4, linewidth=0)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel(say("days since the expiry"))
    axes.set_ylabel(say("still without a certificate"))
    axes.legend(fontsize=8, loc="lower left")
    return figure
