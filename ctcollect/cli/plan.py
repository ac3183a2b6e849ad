"""``ctcollect plan``."""

import click

from ctcollect.cli.common import ready_store
from ctcollect.coordinator import planner
from ctcollect.coordinator.context import context
from ctcollect.coordinator.planner import Plan
from ctcollect.coordinator.shards import shards_of
from ctcollect.errors import ConfigurationError
from ctcollect.ranges import RANGE_ENTRIES
from ctcollect.seasons import FIRST_YEAR, LAST_YEAR, Period, season
from ctcollect.validity import uncovered
from ctcollect.window import DEC_JAN, parse_window


@click.command()
@click.argument("names", metavar="NAME...", nargs=-1)
@click.option(
    "--window",
    help="'dec-jan' (the default): what was logged from 1 December to 31 January, of every such season that the log "
    "holds; 'full'; FROM..TO: days as 2023-12-01..2024-01-31; START:END: entries START up to but not END. Days are "
    "whole days in Asia/Tokyo.",
)
@click.option(
    "--season",
    "year",
    type=click.IntRange(FIRST_YEAR, LAST_YEAR - 1),
    help="Only the season that begins in December of this year.",
)
@click.option("--all", "every", is_flag=True, help="All logs that can hold certificates issued in the season or days.")
@click.option(
    "--follow/--no-follow",
    default=None,
    help="Extend the window as the log grows, or stop extending any. Default: only while a season is not over.",
)
def plan(names: tuple[str, ...], window: str | None, year: int | None, every: bool, follow: bool | None) -> None:
    """Make a window of these logs wanted: asks each log for its signed head, writes ranges.

    A window is rounded outward to ranges of 131,072 entries, the pieces that can be verified.
    """
    if year is not None and window is not None:
        raise click.UsageError("--season is a window of its own: give it or --window")
    text = str(season(year)) if year is not None else window or DEC_JAN
    if bool(names) == every:
        raise click.UsageError("give logs as NAME..., or --all without names")
    asked = parse_window(text)
    if every and asked.period is None:
        raise click.UsageError("--all picks logs by the time of issue: give --season or --window FROM..TO with it")
    ready_store()
    if every and asked.period:
        _plan_all(asked.period, follow)
    for name in names:
        click.echo(_line(planner.plan(context(), name, text, follow=follow), follow))


def _plan_all(issued: Period, follow: bool | None) -> None:
    shards = shards_of(context(), issued)
    planned = 0
    for made in shards.plan(context(), follow=follow):
        planned += isinstance(made, Plan)
        click.echo(_line(made, follow) if isinstance(made, Plan) else made)
    gaps = uncovered(shards.covering, issued)
    for each, spans in gaps.items():
        days = ", ".join(f"{start:%Y-%m-%d} to {end:%Y-%m-%d}" for start, end in spans)
        click.echo(f"not covered: {each.id} days of validity where notAfter is from {days}")
    if not gaps:
        click.echo(f"covered: every class of validity that was issued in {issued}")
    if not planned:
        raise ConfigurationError(f"none of {len(shards.logs)} logs could be planned")


def _line(made: Plan, follow: bool | None) -> str:
    growth = ", and more as the log grows" if made.grows else ", and there is no more to come" if follow else ""
    if not made.wanted:
        return f"{made.log_name}: nothing is wanted yet{growth}"
    ranges = sum(-(-len(span) // RANGE_ENTRIES) for span in made.wanted)
    return (
        f"{made.log_name}: {', '.join(map(str, made.wanted))} is wanted, {made.entries:,} entries in {ranges:,} "
        f"range{'s' * (ranges != 1)}, of {made.tree_size:,} in the log{growth}"
    )
