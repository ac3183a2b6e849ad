"""What the runs of the chaos benchmark came to, as tables."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.chaos_fleet import BAD, HONEST
from benchmarks.chaos_truth import Compared
from benchmarks.common import machine_line, markdown_table

AVERAGE_AT_MOST = 1.3


@dataclass(frozen=True, slots=True)
class Result:
    """One run. ``served`` counts the entries of all answers that the logs gave whole, ``served_to_bad`` those of
    them that friends who go wrong got, ``checked`` those that were read for second opinions, ``recorded`` those that
    honest friends brought and that were recorded, also when they were discarded later.
    """

    seed: int
    keeps_data: bool
    entries: int
    served: int
    served_to_bad: int
    checked: int
    recorded: int
    seconds: float
    events: Counter[str]
    compared: Compared
    verify_status: int
    verify_output: str
    trust: dict[str, str]
    brought: Counter[str]
    checks: dict[str, Any]
    refused: int
    ended_by_themselves: int

    @property
    def average(self) -> float:
        """How often an honest friend fetched an entry: first, again for whatever reason, or for a second opinion."""
        return (self.served - self.served_to_bad) / self.entries

    @property
    def faults(self) -> list[str]:
        """Why this run is no success."""
        found = []
        if not self.compared.is_right:
            found.append(f"the collection is not what the logs hold: {self.compared}")
        if self.verify_status:
            found.append(f"ctcollect verify: {self.verify_output}")
        if self.ended_by_themselves:
            found.append(f"{self.ended_by_themselves} processes have ended by themselves")
        if self.keeps_data and self.average > AVERAGE_AT_MOST:
            found.append(f"honest friends fetched an entry {self.average:.2f} times, {AVERAGE_AT_MOST} are allowed")
        return found


FIGURES: dict[str, Callable[[Result], str]] = {
    "entries": lambda run: f"{run.entries:,}",
    ".jp entries": lambda run: f"{run.compared.wanted:,}",
    "seconds": lambda run: f"{run.seconds:.0f}",
    "events": lambda run: f"{run.events.total():,}",
    "**lost**": lambda run: f"{run.compared.lost:,}",
    "**stored twice**": lambda run: f"{run.compared.stored_twice:,}",
    "**forged**": lambda run: f"{run.compared.forged:,}",
    "**omitted**": lambda run: f"{run.compared.omitted:,}",
    "wrong among the malformed": lambda run: f"{run.compared.malformed_wrong:,}",
    "exit status of `ctcollect verify`": lambda run: str(run.verify_status),
    "**an entry was fetched by honest friends, times**": lambda run: f"{run.average:.2f}",
    "of that for second opinions": lambda run: f"{run.checked / run.entries:.2f}",
    "of that recorded, and partly discarded as false later": lambda run: f"{run.recorded / run.entries:.2f}",
    "by friends who go wrong, times": lambda run: f"{run.served_to_bad / run.entries:.2f}",
    "second opinions that agreed": lambda run: f"{run.checks['agreed']:,}",
    "second opinions that found something": lambda run: f"{run.checks['disagreed']:,}",
    "harvests refused and kept": lambda run: f"{run.refused:,}",
    "processes that ended by themselves": lambda run: f"{run.ended_by_themselves:,}",
}


def report(runs: Sequence[Result], events_every: float) -> str:
    """Everything for the page."""
    head = ["", *(f"seed {run.seed}, Redis {'keeps' if run.keeps_data else 'loses'} its data" for run in runs)]
    figures = [(name, *map(figure, runs)) for name, figure in FIGURES.items()]
    kinds = sorted({kind for run in runs for kind in run.events})
    events = [(kind, *(run.events[kind] for run in runs)) for kind in kinds]
    friends = [(friend, *(_standing(run, friend) for run in runs)) for friend in (*HONEST, *BAD)]
    return "\n\n".join(
        [
            f"Measured on {machine_line()}; one event every {events_every:g} s.",
            markdown_table(head, figures),
            markdown_table(["what happened, times", *head[1:]], events),
            markdown_table(["friend: trust, entries that count", *head[1:]], friends),
        ]
    )


def _standing(run: Result, friend: str) -> str:
    return f"{run.trust[friend]}, {run.brought[friend]:,}"
