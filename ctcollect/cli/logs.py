"""``ctcollect logs``."""

import time
from pathlib import Path

import click

from ctcollect.catalogue import queues, read_log_list
from ctcollect.cli.common import print_json, print_table, ready_store
from ctcollect.cli.log_table import COLUMNS, log_line
from ctcollect.cli.log_update import update_logs
from ctcollect.coordinator import log_lists, prober
from ctcollect.coordinator.archives import import_archive
from ctcollect.coordinator.context import context
from ctcollect.errors import BrokerUnavailable
from ctcollect.settings import load
from ctcollect.store.logs import log_named, set_switch
from ctcollect.store.status import status_document

ARCHIVE_HELP = "The zip files of one log (geomys/ct-archive): their folder, or its url; any number of local files."


@click.group()
def logs() -> None:
    """The logs that are known, from the bundled catalogue and from imported lists."""


@logs.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def list_logs(as_json: bool) -> None:
    """Every known log with its queue, state and progress (counts are of entries)."""
    with ready_store().reading() as session:
        rows = status_document(session)["logs"]
    if as_json:
        print_json(rows)
    else:
        print_table(COLUMNS, map(log_line, rows))


@logs.command("import")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--queue", type=click.Choice(queues()), help="Put every log of the file into this queue.")
@click.option("--archive", "archives", multiple=True, metavar="PATH|URL", help=ARCHIVE_HELP)
def import_logs(file: Path | None, queue: str | None, archives: tuple[str, ...]) -> None:
    """Add or renew the logs of a log list FILE (of the shape that Chrome and Apple publish), or one log's archive.

    A log's name is its description, or the last part of its url. Its operator decides the queue.
    """
    if (file is None) == (not archives):
        raise click.UsageError("name a log list, or an archive with --archive")
    if file is None:
        name, log = import_archive(ready_store(), load(), archives)
        click.echo(f"{name}: queue {log.queue}, read from {(log.archive or '').replace(chr(10), ', ')}")
    else:
        _import_list(file, queue)


def _import_list(file: Path, queue: str | None) -> None:
    found = log_lists.without_refused(read_log_list(log_lists.read_file(file), queue), load())
    log_lists.check_not_empty(found, file)
    with ready_store().transaction() as session:
        names = log_lists.take_over(session, found.publisher, found, is_whole=False)
    for name, log in zip(names, found.logs, strict=True):
        click.echo(f"{name}: queue {log.queue}, {log.url}")
    for skipped in found.skipped:
        click.echo(f"skipped {skipped.description}: {skipped.reason}", err=True)


@logs.command("probe")
@click.argument("names", metavar="[NAME]...", nargs=-1)
def probe_logs(names: tuple[str, ...]) -> None:
    """Ask these logs, or all that are enabled, whether they answer; the coordinator then asks them again and again."""
    ready_store()
    for log in prober.probe_now(context(), names):
        told = f"answers, {log.tree_size:,} entries" if log.reachable else log.last_fault
        click.echo(f"{log.name}: {told}")


def _switch_command(name: str, help_text: str, *, enabled: bool | None = None, paused: bool | None = None) -> None:
    @logs.command(name, help=help_text)
    @click.argument("names", metavar="NAME...", nargs=-1, required=True)
    def command(names: tuple[str, ...]) -> None:
        with ready_store().transaction() as session:
            set_switch(session, names, enabled=enabled, paused=paused)
            log_ids = [log_named(session, each).log_id for each in names]
        click.echo(f"{name}d: {', '.join(names)}")
        if paused is not None:
            _tell_workers(log_ids, paused)


def _tell_workers(log_ids: list[str], paused: bool) -> None:
    said_at = time.time()  # after the change is committed: no order of a paused log is issued later
    try:
        for log_id in log_ids:
            context().broker.tell_paused(log_id, paused, said_at)
    except BrokerUnavailable as error:
        click.echo(f"but {error}: workers that run go on with the orders that they have", err=True)


logs.add_command(update_logs)
_switch_command("enable", "Let these logs be planned and collected.", enabled=True)
_switch_command("disable", "Plan and collect these logs no more; what was collected stays.", enabled=False)
_switch_command("pause", "Issue no more work of these logs; running workers break theirs off at once.", paused=True)
_switch_command("resume", "Issue work of these logs again.", paused=False)
