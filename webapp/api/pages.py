"""A part of a list that is too long for one answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the text for the parameter ``next`` of what follows; None when nothing does."""

    rows: Sequence[Mapping[str, Any]]
    next: str | None = None
