"""``ctcollect friend``."""

import click

from ctcollect.cli.common import ready_store
from ctcollect.coordinator import distrust as distrusting
from ctcollect.coordinator.context import context
from ctcollect.errors import ConfigurationError
from ctcollect.store import Store
from ctcollect.store.trust import TRUSTED, set_trust
from ctcollect.store.workers import all_workers


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


def _known(name: str) -> Store:
    store = ready_store()
    with store.reading() as session:
        if name not in {worker.friend for worker in all_workers(session)}:
            raise ConfigurationError(f"no worker of a friend named {name!r} was ever seen: see 'ctcollect status'")
    return store
