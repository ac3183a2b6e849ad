"""The commands that run parts of the fleet: ``demo``, ``up``, ``worker``, ``local-log``."""

import os
import sys
from datetime import datetime
from pathlib import Path

import click

from ctcollect.broker import Broker
from ctcollect.celery import app
from ctcollect.cli.parameters import friend_name, served_queues
from ctcollect.egress import parse_egresses
from ctcollect.errors import ConfigurationError
from ctcollect.fleet import commands
from ctcollect.fleet.demo import OPERATORS, run_demo
from ctcollect.fleet.listening import check_port
from ctcollect.fleet.local_logs import Times, parse_log_spec, serve_local_logs
from ctcollect.fleet.up import run_up
from ctcollect.fleet.workers import supervise
from ctcollect.flower_login import flower_variables
from ctcollect.local_log import Files
from ctcollect.settings import child_environment, load

QUEUES_HELP = "Comma list; default: all, archive only if CTCOLLECT_ARCHIVES is set."
PROXY_HELP = "A way out: http, https, socks5 or socks5h://[user:password@]host:port, or 'direct'; any number of times."


def _proxy_urls(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """The variable that hands them on: on the worker's own command line everybody could read the passwords."""
    try:
        parse_egresses(",".join(value))
    except ConfigurationError as error:
        raise click.BadParameter(str(error)) from None
    return {"CTCOLLECT_PROXIES": ",".join(value)} if value else {}


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


@click.command()
@click.option("--friend", required=True, callback=friend_name, help="Your name, as the page will show it.")
@click.option("--queues", "queue_names", callback=served_queues, help=QUEUES_HELP)
@click.option(
    "--processes",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="More than one where the broker is far away.",
)
@click.option("--proxy", "proxies", multiple=True, metavar="URL", callback=_proxy_urls, help=PROXY_HELP)
@click.option("--verbose", is_flag=True, help="Also show each task.")
def worker(friend: str, queue_names: tuple[str, ...], processes: int, proxies: dict[str, str], verbose: bool) -> None:
    """Read logs for the fleet: 'celery -A ctcollect worker -Q QUEUES -n FRIEND@%h' with a check of the broker first."""
    Broker(app).ping()
    numbers = range(1, processes + 1)
    workers = {f"{number}:": commands.friend_worker(friend, queue_names, number, verbose) for number in numbers}
    if processes > 1:
        sys.exit(supervise(workers, proxies))
    command = workers["1:"]
    os.execve(command[0], command, child_environment(proxies))


@click.command()
@click.option("--address", default="127.0.0.1", show_default=True, help="To listen on; the page asks it there.")
@click.option("--port", default=5555, show_default=True, type=click.IntRange(1, 65535))
def flower(address: str, port: int) -> None:
    """Celery's own page, below /flower of the page: 'celery -A ctcollect flower' with the login of the settings."""
    settings = load()
    variables = flower_variables(settings, address, port)
    check_port(address, port)
    Broker(app).ping()
    if not settings.flower_password:
        click.echo("ctcollect: nobody can log in until CTCOLLECT_FLOWER_PASSWORD is set", err=True)
    command = commands.flower()
    os.execve(command[0], command, child_environment(variables))


@click.command("local-log")
@click.option("--entries", default=20_000, show_default=True, type=click.IntRange(1, 5_000_000), help="Of each log.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same logs.")
@click.option(
    "--log",
    "specs",
    multiple=True,
    default=OPERATORS,
    show_default=True,
    metavar="NAME:OPERATOR:MAX[:ENTRIES]",
    help="A log, its operator, the most entries of an answer, its size or a file of recorded entries.",
)
@click.option("--jp-share", default=0.02, show_default=True, type=click.FloatRange(0, 1), help="Share of .jp entries.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The name to listen on, and in the log list.")
@click.option("--port", default=8600, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="When the first entry came; default: 2024-12-01, UTC.")
@click.option(
    "--days", type=click.FloatRange(0, 3650, min_open=True), help="Entries come over so long; else one a minute."
)
@click.option(
    "--late", default=0.0, show_default=True, type=click.FloatRange(0, 1), help="Share merged up to a day late."
)
@click.option("--list", "list_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the log list here.")
@click.option(
    "--truth", "truth_file", type=click.Path(dir_okay=False, path_type=Path), help="Write what each entry is."
)
@click.option("--scenarios", is_flag=True, help="Of four logs: also hold the renewal scenarios of docs/scenarios.md.")
@click.option("--static", is_flag=True, help="The log list names the logs as static-ct logs; they speak both.")
@click.option("--archive", type=click.Path(file_okay=False, path_type=Path), help="Also write each as zip files here.")
def local_log(
    entries: int,
    seed: int,
    specs: tuple[str, ...],
    jp_share: float,
    start: datetime | None,
    days: float | None,
    late: float,
    host: str,
    port: int,
    list_file: Path | None,
    truth_file: Path | None,
    scenarios: bool,
    static: bool,
    archive: Path | None,
) -> None:
    """Serve CT logs with known content on this machine, for tests and demos; Ctrl+C stops it."""
    try:
        parsed = [parse_log_spec(spec, entries) for spec in specs]
    except ConfigurationError as error:
        raise click.BadParameter(str(error), param_hint="--log") from None
    if scenarios and (start or days or late):
        raise click.UsageError("--scenarios bring times of their own: leave --start, --days and --late away")
    times = Times.spread(start, days, entries, late)
    files = Files(list_file, truth_file, archive)
    serve_local_logs(parsed, seed, jp_share, host, port, files, times, static=static, with_scenarios=scenarios)
