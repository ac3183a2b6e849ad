"""``ctcollect plan``."""

import click

from ctcollect.cli.common import ready_store
from ctcollect.coordinator import planner
from ctcollect.coordinator.context import context
from ctcollect.ranges import RANGE_ENTRIES


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option(
    "--window",
    default="full",
    show_default=True,
    help="'full', or START:END: entries START up to but not END.",
)
def plan(names: tuple[str, ...], window: str) -> None:
    """Make a window of these logs wanted: asks each log for its signed head, writes ranges.

    A window is rounded outward to ranges of 131,072 entries, the pieces that can be verified.
    """
    ready_store()
    for name in names:
        made = planner.plan(context(), name, window)
        ranges = -(-len(made.wanted) // RANGE_ENTRIES)
        click.echo(
            f"{made.log_name}: {made.wanted} is wanted, {len(made.wanted):,} entries in {ranges:,} "
            f"range{'s' * (ranges != 1)}, of {made.tree_size:,} in the log"
        )
