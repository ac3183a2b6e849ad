"""The commands that become a process of Celery's: ``worker`` and ``flower``. Neither needs a database."""

import os
import sys

import click

from ctcollect.broker import Broker
from ctcollect.celery import app
from ctcollect.cli.parameters import QUEUES_HELP, friend_name, served_queues
from ctcollect.egress import parse_egresses
from ctcollect.errors import ConfigurationError
from ctcollect.fleet import commands
from ctcollect.fleet.listening import check_port
from ctcollect.fleet.workers import supervise
from ctcollect.flower_login import flower_variables
from ctcollect.settings import child_environment, load

PROXY_HELP = "A way out: http, https, socks5 or socks5h://[user:password@]host:port, or 'direct'; any number of times."


def _proxy_urls(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """The variable that hands them on: on the worker's own command line everybody could read the passwords."""
    try:
        parse_egresses(",".join(value))
    except ConfigurationError as error:
        raise click.BadParameter(str(error)) from None
    return {"CTCOLLECT_PROXIES": ",".join(value)} if value else {}


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
