"""F7, F8, F10 and F12: days, seasons and hours."""

from datetime import date, timedelta
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from ctcollect.analysis.japan_days import DAY_KINDS
from ctcollect.report.exhibit import Exhibit
from ctcollect.report.labels import class_label, group_label, season_label
from ctcollect.report.language import Language
from ctcollect.report.plots.distributions import Records, by
from ctcollect.report.plots.style import colour, new_axes, new_figure
from ctcollect.seasons import season as season_period

STRIP_INCHES = 1.35
SEASON_DAYS = 62
KIND_COLOURS = {"business": "#0072b2", "weekend": "#e69f00", "holiday": "#d55e00", "nenmatsu": "#cc79a7"}
HIGHEST_SHARE = 1.5


def draw_seasons(exhibit: Exhibit, say: Language) -> Figure:
    """F7: a strip a season, a bar a day."""
    seasons = by(exhibit.records(), "season")
    names = {
        "business": say("business day"),
        "weekend": say("weekend"),
        "holiday": say("national holiday"),
        "nenmatsu": say("29 December to 3 January"),
    }
    figure = new_figure(1.3 + STRIP_INCHES * len(seasons))
    strips = figure.subplots(len(seasons), 1, squeeze=False)[:, 0]
    for axes, (season, records) in zip(strips, seasons.items(), strict=True):
        _draw_days(axes, records, names)
        axes.set_title(season_label(season, say), loc="left")
    strips[0].legend(ncols=len(DAY_KINDS), fontsize=8, loc="lower right", bbox_to_anchor=(1, 1))
    return figure


def _draw_days(axes: Axes, records: Records, names: dict[str, str]) -> None:
    first = date.fromisoformat(records[0]["day"])
    for kind in DAY_KINDS:
        of_kind = [each for each in records if each["kind"] == kind]
        places = [(date.fromisoformat(each["day"]) - first).days for each in of_kind]
        bars = axes.bar(places, [each["events"] for each in of_kind], color=KIND_COLOURS[kind], label=names[kind])
        for bar, each in zip(bars, of_kind, strict=True):
            bar.set_alpha(1.0 if each["covered"] else 0.3)
    ticks = range(0, len(records), 7)
    axes.set_xticks(list(ticks), [records[place]["day"][5:] for place in ticks])
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.grid(visible=False, axis="x")


def draw_new_year(exhibit: Exhibit, say: Language) -> Figure:
    """F12: a mark a day of the season, with its interval."""
    records = exhibit.records()
    places = {f"{day:%m-%d}": at for at, day in enumerate(_days_of_a_season())}
    figure, axes = new_axes(3.4)
    axes.axvspan(places["12-29"] - 0.5, places["01-03"] + 0.5, color=KIND_COLOURS["nenmatsu"], alpha=0.25, linewidth=0)
    for each in records:
        at = places[each["day"]]
        axes.plot([at, at], [each["low"], each["high"]], color="#9a9a9a", linewidth=1)
        axes.plot([at], [each["late_share"]], marker="o", markersize=4, color=colour(0))
    ticks = list(places)[::7]
    axes.set_xticks([places[day] for day in ticks], ticks)
    axes.set_xlim(-1, len(places))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    axes.set_xlabel(say("day of expiry"))
    axes.set_ylabel(say("late, of the expiries at risk"))
    return figure


def _days_of_a_season() -> list[date]:
    first = season_period(2000).start.date()
    return [first + timedelta(days=offset) for offset in range(SEASON_DAYS)]


def draw_automated_shares(exhibit: Exhibit, say: Language) -> Figure:
    """F8: a row an organisation type, a panel a season."""
    records = [each for each in exhibit.records() if each["automated_share"] is not None]
    seasons = by(records, "season")
    groups = list(dict.fromkeys(each["group"] for each in records))[::-1]
    figure = new_figure(1.6 + 0.32 * len(groups))
    panels = figure.subplots(1, len(seasons), sharey=True, squeeze=False)[0]
    for axes, (season, of_season) in zip(panels, seasons.items(), strict=True):
        for each in of_season:
            _draw_share(axes, each, groups.index(each["group"]), exhibit.axes["human_share"])
        axes.set_title(season_label(season, say).replace("/", "/\n"), fontsize=9)
        axes.set_xlim(-0.5, HIGHEST_SHARE)
        axes.axvline(0, color="#999999", linewidth=0.8)
        axes.axvline(1, color="#999999", linewidth=0.8)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panels[0].set_yticks(range(len(groups)), [group_label(each, say) for each in groups])
    return figure


def _draw_share(axes: Axes, record: dict[str, Any], place: int, human_share: float) -> None:
    value = record["automated_share"]
    if record["human_share"] != human_share:
        axes.plot([value], [place], marker="|", color="#777777")
        return
    face = colour(0) if record["is_enough"] else "white"
    if record["low"] is not None:
        axes.plot([record["low"], record["high"]], [place, place], color=colour(0), linewidth=1.4)
    axes.plot([value], [place], marker="o", color=colour(0), markerfacecolor=face, markersize=5)


def draw_hours(exhibit: Exhibit, say: Language) -> Figure:
    """F10: a panel a class, a row a weekday, a column an hour."""
    classes = by(exhibit.records(), "automation_class")
    weekdays = say("Mon Tue Wed Thu Fri Sat Sun").split()
    figure = new_figure(0.9 + 2.2 * len(classes))
    panels = figure.subplots(len(classes), 1, sharex=True, squeeze=False)[:, 0]
    most = max(each["share"] for each in exhibit.records())
    for axes, (name, records) in zip(panels, classes.items(), strict=True):
        shares = np.array([each["share"] for each in records]).reshape(7, 24)
        image = axes.imshow(shares, cmap="viridis", vmin=0, vmax=most, aspect="auto")
        n = sum(each["events"] for each in records)
        axes.set_title(say("{name} (n {n})", name=class_label(name, say), n=f"{n:,}"), loc="left")
        axes.set_yticks(range(7), weekdays)
        axes.set_xticks(range(0, 24, 3))
        axes.grid(visible=False)
    panels[-1].set_xlabel(say("hour in Asia/Tokyo"))
    figure.colorbar(image, ax=list(panels), label=say("share of events"), format="{x:.1%}")
    return figure
