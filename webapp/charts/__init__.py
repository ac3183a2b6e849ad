"""Charts as geometry: figures in, places in an SVG out; templates/parts/charts.html draws them. Pure."""

from webapp.charts.axis import Axis, Tick, time_ticks, value_ticks
from webapp.charts.bars import BarChart, stacked_bars
from webapp.charts.lines import LineChart, line_chart

__all__ = ["Axis", "BarChart", "LineChart", "Tick", "line_chart", "stacked_bars", "time_ticks", "value_ticks"]
