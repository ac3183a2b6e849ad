"""F5 and F9: how what the classes are made of is spread."""

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ctcollect.report.exhibit import Exhibit
from ctcollect.report.labels import group_label
from ctcollect.report.language import Language
from ctcollect.report.plots.distributions import LIMIT_COLOUR, by
from ctcollect.report.plots.style import colour, new_axes, new_figure

STRIP_INCHES = 0.62


def draw_dispersion(exhibit: Exhibit, say: Language) -> Figure:
    """F5: bars over days, logarithmic."""
    figure, axes = new_axes(3.6)
    records = exhibit.records()
    ends = 10 ** (1 / exhibit.axes["bins_a_decade"])
    starts = [each["from_days"] for each in records]
    widths = [start * (ends - 1) for start in starts]
    axes.bar(
        starts, [each["lineages"] for each in records], width=widths, align="edge", color=colour(0), edgecolor="white"
    )
    machine, human = exhibit.axes["medians"]
    axes.axvline(machine, color=colour(2), linewidth=1.4, label=say("machines, as assumed"))
    axes.axvline(human, color=LIMIT_COLOUR, linewidth=1.4, linestyle="--", label=say("people, as assumed"))
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel(say("spread of the lead time, days"))
    axes.set_ylabel(say("number of name sets"))
    axes.legend(fontsize=8)
    return figure


def draw_index(exhibit: Exhibit, say: Language) -> Figure:
    """F9: a strip an organisation type, all with one scale."""
    groups = by(exhibit.records(), "group")
    figure = new_figure(1.1 + STRIP_INCHES * len(groups))
    strips = figure.subplots(len(groups), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    step = exhibit.axes["step"]
    for axes, (group, records) in zip(strips, groups.items(), strict=True):
        starts, shares = [each["from_index"] for each in records], [each["share"] for each in records]
        axes.bar(starts, shares, width=step, align="edge", color=colour(0), edgecolor="white")
        for limit in exhibit.axes["limits"]:
            axes.axvline(limit, color=LIMIT_COLOUR, linewidth=0.8, linestyle="--")
        label = say("{group} (n {n})", group=group_label(group, say), n=f"{records[0]['n']:,}")
        axes.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=8)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    strips[-1].set_xlim(0, 100)
    strips[-1].set_xlabel(say("automation index"))
    return figure
