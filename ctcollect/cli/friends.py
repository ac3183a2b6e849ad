"""``ctcollect friend``."""

from pathlib import Path

import click

from ctcollect.certificate_authority import make_authority
from ctcollect.cli import invitation
from ctcollect.cli.common import print_json, print_table, ready_store
from ctcollect.cli.parameters import friend_name, queue_names
from ctcollect.coordinator import accounts
from ctcollect.coordinator import distrust as distrusting
from ctcollect.coordinator.context import context
from ctcollect.errors import ConfigurationError
from ctcollect.settings import load
from ctcollect.store import Store
from ctcollect.store.friends import friends_document
from ctcollect.store.trust import TRUSTED, set_trust
from ctcollect.store.workers import all_workers

LIST_COLUMNS = ("name", "account", "queues", "trust", "running", "since")


@click.group()
def friend() -> None:
    """The friends who lend their machines."""


@friend.command()
@click.argument("name")
def trust(name: str) -> None:
    """Take harvests of NAME again, and forget what was false before."""
    store = _known(name)
    with store.transaction() as session:
        set_trust(session, name, TRUSTED)
    click.echo(f"{name} is trusted")


@friend.command()
@click.argument("name")
def distrust(name: str) -> None:
    """Refuse harvests of NAME from now on; what NAME has brought is discarded and fetched again by others."""
    _known(name)
    distrusting.condemn(context(), name, "you said so")
    click.echo(f"{name} is not trusted any more; its work is issued again")


@friend.command()
@click.argument("name", callback=friend_name)
@click.option("--queues", "chosen", callback=queue_names, help="Comma list of those she may read; default: all.")
@click.option("--new-password", is_flag=True, help="For one who has an account: a new command, the old one ends.")
@click.option("--image", default="ctcollect", show_default=True, help="The Docker image that friends pull.")
def add(name: str, chosen: tuple[str, ...], new_password: bool, image: str) -> None:
    """Invite NAME: make an account of the broker that can do what a worker needs, print the command to send."""
    ready_store()
    invited = accounts.invite(context(), name, chosen, renew=new_password)
    docker, pip = invitation.commands(load(), invited, image)
    click.echo(
        f"Send {name} one of these commands; the password in it is shown this once.\n\nFor Docker:\n\n{docker}\n\n"
        f"In a checkout of ctcollect:\n\n{pip}\n"
    )
    if not invited.is_kept_by_broker:
        click.echo(invitation.NOT_KEPT, err=True)


@friend.command("list")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of a table.")
def list_friends(as_json: bool) -> None:
    """Every friend who was invited or seen: account, queues, trust, whether a worker runs, since when."""
    with ready_store().reading() as session:
        found = friends_document(session)
    if as_json:
        print_json(found)
    else:
        print_table(LIST_COLUMNS, ([each[column] for column in LIST_COLUMNS] for each in found))


@friend.command()
@click.argument("name")
def remove(name: str) -> None:
    """End NAME's account and connections; what she held is issued again, what she has brought stays."""
    ready_store()
    held = accounts.remove(context(), name, "you said so")
    click.echo(f"{name} is removed; {held:,} orders that she held are issued again")


@friend.command()
@click.option("--dir", "directory", default="tls", show_default=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--host", "hosts", multiple=True, required=True, metavar="NAME", help="A name or address of the broker.")
def ca(directory: Path, hosts: tuple[str, ...]) -> None:
    """Make a CA and a certificate for the broker's TLS; print what goes into redis.conf and the environment."""
    make_authority(directory, hosts)
    click.echo(invitation.redis_configuration(directory.resolve(), hosts[0]))


def _known(name: str) -> Store:
    store = ready_store()
    with store.reading() as session:
        if name not in {worker.friend for worker in all_workers(session)}:
            raise ConfigurationError(f"no worker of a friend named {name!r} was ever seen: see 'ctcollect status'")
    return store
