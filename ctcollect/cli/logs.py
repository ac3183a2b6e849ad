"""``ctcollect logs``."""

import time
from pathlib import Path

import click

from ctcollect.catalogue import LogList, queues, read_log_list
from ctcollect.cli.common import print_json, print_table, ready_store
from ctcollect.client import check_url
from ctcollect.coordinator.context import context
from ctcollect.errors import BrokerUnavailable, ConfigurationError
from ctcollect.settings import load
from ctcollect.store.logs import log_named, put_logs, set_switch
from ctcollect.store.status import status_document

SHOWN = (
    "name",
    "queue",
    "kind",
    "state",
    "enabled",
    "paused",
    "reachable",
    "tree_size",
    "wanted",
    "done",
    "verified",
)


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
        print_table(SHOWN, ([row[name] for name in SHOWN] for row in rows))


@logs.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--queue", type=click.Choice(queues()), help="Put every log of the file into this queue.")
def import_logs(file: Path, queue: str | None) -> None:
    """Add or renew the logs of a log list FILE (the shape of Chrome's log list, version 3).

    A log's name is its description, or the last part of its url. Its operator decides the queue.
    """
    found = read_log_list(_read(file), queue)
    settings = load()
    for log in found.logs:
        check_url(log.url, settings)
    if not found.logs:
        raise ConfigurationError(f"{file} holds no log that can be collected{_reasons(found)}")
    with ready_store().transaction() as session:
        names = put_logs(session, found.logs)
    for name, log in zip(names, found.logs, strict=True):
        click.echo(f"{name}: queue {log.queue}, {log.url}")
    for skipped in found.skipped:
        click.echo(f"skipped {skipped.description}: {skipped.reason}", err=True)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file} can't be read: {error.strerror}") from None


def _reasons(found: LogList) -> str:
    reasons = sorted({skipped.reason for skipped in found.skipped})
    return f": {reasons[0]}" if reasons else ""


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


_switch_command("enable", "Let these logs be planned and collected.", enabled=True)
_switch_command("disable", "Plan and collect these logs no more; what was collected stays.", enabled=False)
_switch_command("pause", "Issue no more work of these logs; running workers break theirs off at once.", paused=True)
_switch_command("resume", "Issue work of these logs again.", paused=False)
