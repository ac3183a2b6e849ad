"""The two charts of speed, of the fleet or of one log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webapp.charts import LineChart, line_chart


def speed_charts(history: Mapping[str, Any]) -> dict[str, LineChart]:
    """{"entries_chart", "certificates_chart"} of what the store's history() tells."""
    return {
        "entries_chart": _chart(history, "entries_per_second"),
        "certificates_chart": _chart(history, "certificates_per_second"),
    }


def _chart(history: Mapping[str, Any], name: str) -> LineChart:
    start, step = datetime.fromisoformat(history["start"]).timestamp(), history["step_seconds"]
    values = history[name]
    # A point is the mean of its step, and stands in the middle of it.
    return line_chart([start + step * (place + 0.5) for place in range(len(values))], values)
