"""Charts as geometry: figures in, places in an SVG out; templates/parts/charts.html draws them. Pure."""

from webapp.charts.axis import Axis, Tick, time_ticks, value_ticks
from webapp.charts.bars import BarChart, stacked_bars
from webapp.charts.lines import LineChart, level_chart, line_chart
from webapp.charts.range_map import Cell, map_cells

__all__ = [
    "Axis",
    "BarChart",
    "Cell",
    "LineChart",
    "Tick",
    "level_chart",
    "line_chart",
    "map_cells",
    "stacked_bars",
    "time_ticks",
    "value_ticks",
]
