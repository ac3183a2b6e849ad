"""The map of a log as its page shows it, each cell with its words: for who points at it, or does not see it."""

from collections.abc import Sequence
from typing import Any

from flask import get_template_attribute
from markupsafe import Markup

from ctcollect.store import Session
from ctcollect.store.range_map import range_map
from webapp.charts import Cell, map_cells
from webapp.formats import NOT_KNOWN, count, plain_minute, text
from webapp.language import language
from webapp.wording import range_states

# As many blocks as a screen shows at once. The ranges of one, of the largest log, fit in a page of range_block().
CELLS = 360


class LogMap:
    """What the store's range_map() tells of a log, and what was drawn of it: drawing takes longer than all else."""

    def __init__(self, session: Session, name: str) -> None:
        self._blocks: list[dict[str, Any]] = range_map(session, name, CELLS)["blocks"]
        self._drawn: dict[str, Markup] = {}

    def draw(self, block: tuple[int, int] | None) -> Markup:
        """The map in the request's language, with the cell of ``block`` marked; empty where the log has no size."""
        if block is not None:
            return self._draw(block)
        if language() not in self._drawn:
            self._drawn[language()] = self._draw(None)
        return self._drawn[language()]

    def _draw(self, block: tuple[int, int] | None) -> Markup:
        if not self._blocks:
            return Markup()
        cells = map_cells(self._blocks)
        drawing = get_template_attribute("parts/range_map.html", "range_map")
        drawn: Markup = drawing([*zip(cells, cells_in_words(cells), strict=True)], block, range_states())
        return drawn


def cells_in_words(cells: Sequence[Cell]) -> list[str]:
    """For each cell its span, how many of its ranges are in which state, who brought most of it, when the last came."""
    states = range_states()
    return [_words(cell, states) for cell in cells]


def _words(cell: Cell, states: dict[str, str]) -> str:
    counts = cell.counts | ({"unwanted": cell.unwanted} if cell.unwanted else {})
    found = ", ".join(f"{states[state]} {count(number)}" for state, number in counts.items())
    brought = f"{text(cell.friend)}, {plain_minute(cell.last_at)}" if cell.friend and cell.last_at else NOT_KNOWN
    return f"{count(cell.start)} – {count(cell.end)}: {found}, {brought}"
