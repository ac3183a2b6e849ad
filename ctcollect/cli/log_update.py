"""``ctcollect logs update``."""

from collections import Counter

import click

from ctcollect.catalogue import LogList, list_sources, queues
from ctcollect.cli.common import ready_store
from ctcollect.coordinator import log_lists
from ctcollect.settings import load

NAMED_AT_MOST = 3


@click.command("update")
@click.option(
    "--source",
    default=next(iter(list_sources())),
    show_default=True,
    metavar="|".join([*list_sources(), "URL", "FILE"]),
    help="The list to read.",
)
@click.option("--queue", type=click.Choice(queues()), help="Put every log of the list into this queue.")
@click.option("--apply", "is_applied", is_flag=True, help="Do it; without this it is only shown.")
def update_logs(source: str, queue: str | None, is_applied: bool) -> None:
    """Show what a published log list would change of the known logs (+ new, ~ changed, - vanished).

    The list counts as whole: a log that it holds no more is marked as vanished and keeps its row and its entries.
    Logs that the list gives no state, such as test logs, are left out.
    """
    store = ready_store()
    update = log_lists.look(store, load(), source, queue)
    print_summary(source, update.found)
    for line in update.changes.lines():
        click.echo(line)
    print_set_aside(update.found)
    if is_applied:
        with store.transaction() as session:
            log_lists.take_over(session, update.list_name, update.found, is_whole=True)
    done = "done" if is_applied else "nothing is changed yet: --apply does it"
    click.echo(f"{_counts(update)}; {done}" if update.changes else "nothing to change")


def print_summary(source: object, found: LogList) -> None:
    """How many logs a list holds in each of its own states."""
    states = ", ".join(f"{count:,} {state}" for state, count in found.counts_by_state().most_common())
    click.echo(f"{source} holds {found.counts_by_state().total():,} logs: {states}")


def print_set_aside(found: LogList) -> None:
    """The logs that were not taken on standard error, a line for each reason; few are named, many are counted."""
    for reason, count in Counter(skipped.reason for skipped in found.skipped).most_common():
        names = [skipped.description for skipped in found.skipped if skipped.reason == reason]
        more = f" and {count - NAMED_AT_MOST:,} more" if count > NAMED_AT_MOST else ""
        click.echo(f"set aside {', '.join(names[:NAMED_AT_MOST])}{more}: {reason}", err=True)


def _counts(update: log_lists.Update) -> str:
    changes = update.changes
    changed = len(changes.changed) + len(changes.returned)
    return (
        f"{len(changes.new):,} new, {changed:,} changed, {len(changes.vanished):,} vanished, {changes.same:,} the same"
    )
