"""The map of a log: a cell for each block of ranges, filled in proportion to what is done of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# From the bottom of a cell upwards. What nobody wants is its ground.
STATES = ("verified", "full", "out", "open")


@dataclass(frozen=True, slots=True)
class Layer:
    """A part of a cell, in shares of its height from the top."""

    state: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A block of ranges: its span (entries, half-open), its layers, and its ranges by state where there are any."""

    start: int
    end: int
    layers: list[Layer]
    counts: dict[str, int]
    unwanted: int
    friend: str | None
    last_at: str | None


def map_cells(blocks: Sequence[Mapping[str, Any]]) -> list[Cell]:
    """The cells of ``blocks``, as the store's range_map() tells of them."""
    return [_cell(block) for block in blocks]


def _cell(block: Mapping[str, Any]) -> Cell:
    counts = {state: block[state] for state in STATES if block[state]}
    return Cell(
        start=block["start"],
        end=block["end"],
        layers=_layers(counts, sum(counts.values()) + block["unwanted"]),
        counts=counts,
        unwanted=block["unwanted"],
        friend=block["friend"],
        last_at=block["last_at"],
    )


def _layers(counts: Mapping[str, int], ranges: int) -> list[Layer]:
    layers, below = [], 0
    for state, count in counts.items():
        below += count
        layers.append(Layer(state, round(1 - below / ranges, 3), round(count / ranges, 3)))
    return layers
