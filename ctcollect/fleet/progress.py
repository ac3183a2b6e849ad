"""Progress of the demo: bars on a terminal, a plain line every two seconds elsewhere."""

import time
from typing import Any, Self

import click
from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

LINE_EVERY_SECONDS = 2.0


class Progress:
    """A context manager; show() takes a status document as often as one likes."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console()
        self._live = Live(console=self.console, transient=False) if self.console.is_terminal else None
        self._line_at = 0.0

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def show(self, document: dict[str, Any]) -> None:
        if self._live:
            self._live.update(Group(_logs_table(document), _workers_table(document)))
        elif time.monotonic() - self._line_at > LINE_EVERY_SECONDS:
            self._line_at = time.monotonic()
            click.echo(progress_line(document))


def progress_line(document: dict[str, Any]) -> str:
    totals = document["totals"]
    return (
        f"done {totals['done']:,} of {totals['wanted']:,} entries, verified {totals['verified']:,}, "
        f".jp {totals['sightings']:,}, {totals['entries_per_second']:,.0f} entries/s, "
        f"{totals['workers_running']} friends running"
    )


def _logs_table(document: dict[str, Any]) -> Table:
    table = Table("log", "", "done", "verified", ".jp entries", "entries/s", box=box.SIMPLE_HEAD)
    for log in document["logs"]:
        if log["wanted"]:
            bar = ProgressBar(total=log["wanted"], completed=log["done"], width=30)
            figures = (f"{log[name]:,}" for name in ("done", "verified", "sightings"))
            table.add_row(log["name"], bar, *figures, f"{log['entries_per_second']:,.0f}")
    return table


def _workers_table(document: dict[str, Any]) -> Table:
    table = Table("friend", "worker", "running", "entries", ".jp entries", box=box.SIMPLE_HEAD)
    for worker in document["workers"]:
        figures = (f"{worker[name]:,}" for name in ("entries", "certificates"))
        table.add_row(worker["friend"], worker["name"], "yes" if worker["running"] else "no", *figures)
    return table
