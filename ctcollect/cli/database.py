"""``ctcollect db``."""

import click

from ctcollect.catalogue import bundled
from ctcollect.cli.common import opened_store
from ctcollect.store import schema
from ctcollect.store.logs import put_logs


@click.group()
def db() -> None:
    """The database that CTCOLLECT_DATABASE_URL names."""


@db.command()
def upgrade() -> None:
    """Make the database if it is absent, bring its tables to this version, add the bundled logs."""
    store = opened_store()
    revision = schema.upgrade(store)
    with store.transaction() as session:
        names = put_logs(session, bundled())
    click.echo(f"the database is ready (revision {revision}) and knows {len(names)} bundled logs")
