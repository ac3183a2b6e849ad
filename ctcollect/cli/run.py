"""The commands that run a whole fleet on this machine: ``demo`` and ``up``."""

import sys
from pathlib import Path

import click

from ctcollect.cli.parameters import QUEUES_HELP, friend_name, served_queues
from ctcollect.fleet.demo import run_demo
from ctcollect.fleet.up import run_up


@click.command()
@click.option(
    "--entries",
    default=20_000,
    show_default=True,
    type=click.IntRange(4, 5_000_000),
    help="In all four logs.",
)
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Of the page; 0: a free one.",
)
@click.option("--exit", "exit_when_done", is_flag=True, help="Stop when all is verified; status 0 only then.")
@click.option("--dir", "directory", type=click.Path(file_okay=False, path_type=Path), help="Keep everything here.")
def demo(entries: int, port: int, exit_when_done: bool, directory: Path | None) -> None:
    """A whole fleet on this machine: Redis, SQLite, four local logs, coordinator, two friends, a page."""
    sys.exit(0 if run_demo(entries, port, exit_when_done, directory) else 1)


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65534), help="Of the page.")
@click.option("--friend", default="home", show_default=True, callback=friend_name, help="Whose worker runs here.")
@click.option("--queues", "queue_names", callback=served_queues, help=QUEUES_HELP)
@click.option("--embedded", is_flag=True, help="A Redis and a SQLite of its own in the data directory.")
def up(port: int, friend: str, queue_names: tuple[str, ...], embedded: bool) -> None:
    """All parts on this machine: coordinator, beat, page and one worker, on the configured broker and database."""
    run_up(port, friend, queue_names, embedded)
