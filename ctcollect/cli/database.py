"""``ctcollect db``."""

import click

from ctcollect.catalogue import CHROME, bundled
from ctcollect.cli.common import opened_store
from ctcollect.store import schema
from ctcollect.store.listings import put_bundled


@click.group()
def db() -> None:
    """The database that CTCOLLECT_DATABASE_URL names."""


@db.command()
def upgrade() -> None:
    """Make the database if it is absent, bring its tables to this version, add the bundled logs."""
    store = opened_store()
    revision = schema.upgrade(store)
    with store.transaction() as session:
        put_bundled(session, CHROME, bundled())
    click.echo(f"the database is ready (revision {revision}) and knows {len(bundled())} bundled logs")
