"""F11 and N1: a few values side by side."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ctcollect.report.exhibit import Exhibit
from ctcollect.report.labels import group_label
from ctcollect.report.language import Language
from ctcollect.report.numbers import number, share
from ctcollect.report.plots.distributions import by, line_of
from ctcollect.report.plots.style import colour, new_axes, new_figure


def draw_load(exhibit: Exhibit, say: Language) -> Figure:
    """F11: a line an organisation type, from now to the last limit."""
    records = [each for each in exhibit.records() if each["value"] is not None]
    figure, axes = new_axes(4.8)
    measures = list(dict.fromkeys(each["measure"] for each in exhibit.records()))
    for place, (group, of_group) in enumerate(by(records, "group").items()):
        places = [measures.index(each["measure"]) for each in of_group]
        label = say("{group} (n {n})", group=group_label(group, say), n=f"{of_group[0]['n']:,}")
        look = line_of(group, place)
        axes.plot(places, [each["value"] for each in of_group], marker="o", markersize=4, label=label, **look)
        for at, each in zip(places, of_group, strict=True):
            if each["low"] is not None:
                axes.plot([at, at], [each["low"], each["high"]], color=look["color"], linewidth=1)
    axes.set_xticks(range(len(measures)), [_limit_label(exhibit, name, say) for name in measures])
    axes.set_ylim(bottom=0)
    axes.set_ylabel(say("renewals a year"))
    axes.legend(fontsize=8)
    return figure


def _limit_label(exhibit: Exhibit, measure: str, say: Language) -> str:
    start = next(each["allowed_from"] for each in exhibit.records() if each["measure"] == measure)
    if start is None:
        return say("now")
    return say("{days} days\nfrom {date}", days=measure.removeprefix("load_"), date=start)


def draw_naive(exhibit: Exhibit, say: Language) -> Figure:
    """N1: two panels of two bars."""
    figure = new_figure(2.9)
    left, right = figure.subplots(1, 2)
    records = exhibit.records()
    names = {"naive": say("naive"), "corrected": say("corrected")}
    _draw_bars(left, [each for each in records if each["quantity"] == "median_interval_days"], names, number, say)
    left.set_title(say("median interval, days"))
    _draw_bars(right, [each for each in records if each["quantity"] == "late_share"], names, share, say)
    right.set_title(say("share that looks late"))
    right.yaxis.set_major_formatter(PercentFormatter(1))
    return figure


def _draw_bars(axes: Axes, records: list[dict[str, Any]], names: dict[str, str], shown: Any, say: Language) -> None:
    """A missing bar says that it can't be said."""
    highest = max((each["value"] or 0.0 for each in records), default=0.0) or 1.0
    for place, each in enumerate(records):
        value = each["value"]
        axes.bar([place], [value or 0.0], color=colour(1 - place), width=0.6)
        text = say("can't be said") if value is None else shown(value)
        axes.text(place, (value or 0.0) + highest * 0.02, text, ha="center", va="bottom")
    axes.set_xticks(range(len(records)), [names[each["way"]] for each in records])
    axes.set_ylim(0, highest * 1.15)
    axes.grid(visible=False, axis="x")
