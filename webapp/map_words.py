"""What a cell of the map says when it is pointed at, or to who does not see it."""

from collections.abc import Sequence

from webapp.charts import Cell
from webapp.formats import NOT_KNOWN, count, plain_minute, text
from webapp.wording import range_states


def cells_in_words(cells: Sequence[Cell]) -> list[str]:
    """For each cell its span, how many of its ranges are in which state, who brought most of it, when the last came."""
    states = range_states()
    return [_words(cell, states) for cell in cells]


def _words(cell: Cell, states: dict[str, str]) -> str:
    counts = cell.counts | ({"unwanted": cell.unwanted} if cell.unwanted else {})
    found = ", ".join(f"{states[state]} {count(number)}" for state, number in counts.items())
    brought = f"{text(cell.friend)}, {plain_minute(cell.last_at)}" if cell.friend and cell.last_at else NOT_KNOWN
    return f"{count(cell.start)} – {count(cell.end)}: {found}, {brought}"
