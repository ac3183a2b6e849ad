"""``ctcollect up``: every part on this machine, on the configured broker and database or on embedded ones."""

import time
from collections.abc import Sequence

import click

from ctcollect.broker import Broker
from ctcollect.catalogue import CHROME, bundled
from ctcollect.celery import app
from ctcollect.fleet import commands
from ctcollect.fleet.processes import Children
from ctcollect.fleet.redis_server import free_port, start_redis
from ctcollect.flower_login import flower_login, flower_variables
from ctcollect.settings import Settings, load
from ctcollect.store import Store, schema
from ctcollect.store.listings import put_bundled


def run_up(port: int, friend: str, queue_names: Sequence[str], embedded: bool) -> None:
    """Until Ctrl+C, or until a part ends by itself (ConfigurationError)."""
    settings = load()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    environment: dict[str, str] = {}
    if embedded:
        environment["CTCOLLECT_DATABASE_URL"] = f"sqlite:///{settings.data_dir}/ct.sqlite"
    _prepare(Store(environment.get("CTCOLLECT_DATABASE_URL", settings.database_url)))
    with Children(settings.data_dir / "output", environment) as children:
        if embedded:
            environment["CTCOLLECT_BROKER_URL"] = start_redis(children, settings.data_dir / "redis")
        else:
            Broker(app).ping()
        children.start("coordinator", commands.coordinator())
        children.start("beat", commands.beat())
        children.start("web", commands.web(port), _start_flower(children, settings))
        children.start(friend, commands.friend_worker(friend, queue_names))
        for name, value in environment.items():
            click.echo(f"export {name}={value}")
        click.echo(f"The page is at http://127.0.0.1:{port}/; Ctrl+C stops everything.")
        _stay(children)


def _prepare(store: Store) -> None:
    schema.upgrade(store)
    with store.transaction() as session:
        put_bundled(session, CHROME, bundled())


def _start_flower(children: Children, settings: Settings) -> dict[str, str]:
    """What tells the page where it is. Without a password, with which nobody could look at it, none is started."""
    if not flower_login(settings):
        return {}
    port = free_port()
    children.start("flower", commands.flower(), flower_variables(settings, "127.0.0.1", port))
    return {"CTCOLLECT_FLOWER_URL": f"http://127.0.0.1:{port}"}


def _stay(children: Children) -> None:
    try:
        while True:
            children.check()
            time.sleep(1)
    except KeyboardInterrupt:
        click.echo("Stopping.")
